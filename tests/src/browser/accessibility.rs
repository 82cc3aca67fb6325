//! The accessibility check: what can be judged by a program of WCAG 2.2 AA.
//!
//! Names and roles are the browser's own, from its accessibility tree; the rest is measured in the
//! page by `accessibility.js`, contrast included.

use serde_json::{Value, json};

use super::Browser;

/// Roles that mean nothing without a name (4.1.2, 1.1.1).
const NAMED: [&str; 15] = [
    "button",
    "link",
    "textbox",
    "searchbox",
    "combobox",
    "checkbox",
    "switch",
    "radio",
    "image",
    "dialog",
    "table",
    "progressbar",
    "navigation",
    "region",
    "Date",
];

impl Browser {
    /// Checks the page as it is.
    ///
    /// # Panics
    /// When something is found, with all of it.
    pub fn assert_accessible(&self) {
        let measured = self.script(concat!(
            include_str!("accessibility.js"),
            "\nreturn findings();"
        ));
        let measured = measured.as_array().expect("a list").iter();
        let mut findings: Vec<String> = measured.map(ToString::to_string).collect();
        findings.extend(self.unnamed());
        assert!(
            findings.is_empty(),
            "{}:\n{}",
            self.path(),
            findings.join("\n")
        );
    }

    /// What the browser would read aloud without a name.
    fn unnamed(&self) -> Vec<String> {
        let tree = self
            .driver
            .devtools("Accessibility.getFullAXTree", &json!({}));
        let nodes = tree["nodes"].as_array().expect("a tree");
        assert!(nodes.len() > 10, "the tree is empty");
        let text = |node: &Value, part: &str| {
            let value = node[part]["value"].as_str().unwrap_or_default();
            value.trim().to_owned()
        };
        let mut found = Vec::new();
        for node in nodes.iter().filter(|node| node["ignored"] != json!(true)) {
            let role = text(node, "role");
            if NAMED.contains(&role.as_str()) && text(node, "name").is_empty() {
                found.push(format!("a {role} has no name: {node}"));
            }
        }
        let mains = nodes
            .iter()
            .filter(|node| text(node, "role") == "main")
            .count();
        // A question in front of the page hides the page.
        let expected = usize::from(self.count("dialog[open]") == 0);
        if mains != expected {
            found.push(format!("{mains} main landmarks"));
        }
        found
    }
}
