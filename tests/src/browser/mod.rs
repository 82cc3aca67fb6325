//! A person with a real browser: opens pages, reads them, fills and presses what is named there.
//!
//! Everything is found by the words a person sees or hears, so that a test fails when they are
//! missing. Nothing here sleeps: the browser itself waits for an element to appear.

mod accessibility;
mod driver;

use std::path::Path;

use base64::Engine as _;
use serde_json::{Value, json};

use driver::{Driver, Element};

/// A browser of its own, over one site.
pub struct Browser {
    driver: Driver,
    site: String,
    /// Further origins that its pages lead to.
    elsewhere: std::cell::RefCell<Vec<String>>,
    requests: std::cell::RefCell<Vec<String>>,
}

/// A key that writes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// To the next control.
    Tab,
    /// Presses what has focus.
    Enter,
    /// Switches what has focus.
    Space,
    /// Leaves a question.
    Escape,
}

impl Key {
    const fn code(self) -> char {
        match self {
            Self::Tab => '\u{E004}',
            Self::Enter => '\u{E007}',
            Self::Space => ' ',
            Self::Escape => '\u{E00C}',
        }
    }
}

/// An XPath text, quoted.
fn quoted(text: &str) -> String {
    assert!(!text.contains('"'), "no test needs a quote: {text}");
    format!("\"{text}\"")
}

impl Browser {
    /// A browser at the start page of a site; none, and one line that says so, where Chromium is
    /// not installed.
    #[must_use]
    pub fn start(site: &str) -> Option<Self> {
        let browser = Self {
            driver: Driver::start()?,
            site: site.to_owned(),
            elsewhere: std::cell::RefCell::default(),
            requests: std::cell::RefCell::default(),
        };
        browser.resize(1280, 900);
        Some(browser)
    }

    /// Lets a page of ours send the browser on to this origin.
    pub fn may_go_to(&self, origin: &str) {
        self.elsewhere.borrow_mut().push(format!("{origin}/"));
    }

    /// Opens a path of the site, or an address within it.
    pub fn open(&self, path: &str) {
        let address = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.site)
        };
        self.driver.post("/url", &json!({ "url": address }));
    }

    /// The path of the page, with its query.
    #[must_use]
    pub fn path(&self) -> String {
        let address = self.driver.get("/url");
        let address = address.as_str().unwrap_or_default();
        address
            .strip_prefix(&self.site)
            .unwrap_or(address)
            .to_owned()
    }

    /// What of an element is to be read: its visible text.
    #[must_use]
    pub fn text(&self, selector: &str) -> String {
        self.wait_for(selector);
        let text = self.script(&format!(
            "return document.querySelector({}).innerText",
            json!(selector)
        ));
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits for the page with this heading.
    ///
    /// # Panics
    /// When it does not come.
    pub fn arrives_at(&self, heading: &str) {
        let path = format!("//h1[normalize-space(.) = {}]", quoted(heading));
        let _ = self.element("xpath", &path);
    }

    /// The value of the field with this label.
    #[must_use]
    pub fn value(&self, label: &str) -> String {
        let value = self.driver.of(|| self.field(label), "property/value");
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an element is there.
    ///
    /// # Panics
    /// When it does not come.
    pub fn wait_for(&self, selector: &str) {
        let _ = self.element("css selector", selector);
    }

    /// Waits until no such element is there: the browser tells of some ends, such as a closed
    /// dialog's, a moment later.
    ///
    /// # Panics
    /// When it stays.
    pub fn wait_gone(&self, selector: &str) {
        let gone = (0..1_000).any(|_| self.count(selector) == 0);
        assert!(gone, "{selector} stays on {}", self.path());
    }

    /// This text stands on the page, or comes to.
    ///
    /// # Panics
    /// When it does not come.
    pub fn reads(&self, text: &str) {
        let path = format!("//body//*[contains(normalize-space(.), {})]", quoted(text));
        let _ = self.element("xpath", &path);
    }

    /// Waits until this is said to who cannot see the page.
    ///
    /// # Panics
    /// When it is not.
    pub fn announces(&self, text: &str) {
        let path = format!(
            "//*[@aria-live][contains(normalize-space(.), {})]",
            quoted(text)
        );
        let _ = self.element("xpath", &path);
    }

    /// Whether this text stands on the page now, seen or read aloud.
    #[must_use]
    pub fn says(&self, text: &str) -> bool {
        let body = self
            .driver
            .script("return document.body.textContent.replace(/\\s+/g, ' ')");
        body.as_str().unwrap_or_default().contains(text)
    }

    /// How many elements fit.
    #[must_use]
    pub fn count(&self, selector: &str) -> u64 {
        let found = self.script(&format!(
            "return document.querySelectorAll({}).length",
            json!(selector)
        ));
        found.as_u64().unwrap_or_default()
    }

    /// Presses a link or button by its words: in the question, if one is open in front.
    pub fn press(&self, words: &str) {
        let find = || self.pressable(words);
        self.driver.on(find, "click", &json!({}));
    }

    /// Presses what a selector finds.
    pub fn press_on(&self, selector: &str) {
        let find = || self.element("css selector", selector);
        self.driver.on(find, "click", &json!({}));
    }

    /// Whether a link or button with these words is disabled.
    #[must_use]
    pub fn is_disabled(&self, words: &str) -> bool {
        self.driver.of(|| self.pressable(words), "enabled") == json!(false)
    }

    /// Writes into the field with this label, in place of what was there.
    pub fn fill(&self, label: &str, text: &str) {
        let find = || self.field(label);
        self.driver.on(find, "clear", &json!({}));
        self.driver.on(find, "value", &json!({ "text": text }));
    }

    /// Chooses an option of the field with this label, or ticks it where it is a box.
    pub fn choose(&self, label: &str, option: &str) {
        let find = || self.field(label);
        if option.is_empty() {
            self.driver.on(find, "click", &json!({}));
        } else {
            // As typing into a list does: the option that begins so.
            self.driver.on(find, "value", &json!({ "text": option }));
        }
    }

    /// Presses a key on whatever has focus.
    pub fn key(&self, key: Key) {
        self.keys(&key.code().to_string());
    }

    /// Types on whatever has focus.
    pub fn keys(&self, text: &str) {
        let act = |kind: &str, key: char| json!({ "type": kind, "value": key });
        let acts: Vec<Value> = text
            .chars()
            .flat_map(|key| [act("keyDown", key), act("keyUp", key)])
            .collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": acts });
        self.driver
            .post("/actions", &json!({ "actions": [keyboard] }));
    }

    /// The name of what has focus, as it is read aloud.
    #[must_use]
    pub fn focus(&self) -> String {
        let name = self.driver.of(|| self.driver.focused(), "computedlabel");
        name.as_str().unwrap_or_default().to_owned()
    }

    /// Presses Tab until this has focus, and checks that the focus can be seen each time.
    ///
    /// # Panics
    /// When it is not reached.
    pub fn tab_to(&self, name: &str) {
        let mut passed = Vec::new();
        for _ in 0..80 {
            self.key(Key::Tab);
            let focus = self.focus();
            let seen = self.driver.script(
                "const style = getComputedStyle(document.activeElement); \
                 return document.activeElement === document.body || \
                 (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)",
            );
            assert_eq!(
                seen,
                json!(true),
                "the focus on `{focus}` of {} cannot be seen",
                self.path()
            );
            if focus == name {
                return;
            }
            passed.push(focus);
        }
        panic!("Tab never reaches `{name}` on {}: {passed:?}", self.path());
    }

    /// Makes the window as wide and high as this, in CSS pixels.
    pub fn resize(&self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.driver
            .devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Asks for light or dark pages, and for nothing that moves.
    pub fn prefer(&self, scheme: &str) {
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.driver.devtools(
            "Emulation.setEmulatedMedia",
            &json!({ "features": features }),
        );
    }

    /// Runs no script of a page from now on.
    pub fn without_scripts(&self) {
        self.driver.devtools(
            "Emulation.setScriptExecutionDisabled",
            &json!({ "value": true }),
        );
    }

    /// Lets pages write to the clipboard, and the test read it.
    pub fn allow_clipboard(&self) {
        self.driver.devtools(
            "Browser.grantPermissions",
            &json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] }),
        );
    }

    /// Runs a script of the test.
    pub fn run(&self, code: &str) {
        let _ = self.driver.script(code);
    }

    /// What a script of the test returns.
    #[must_use]
    pub fn script(&self, code: &str) -> Value {
        self.driver.script(code)
    }

    /// Checks what the browser has complained of and asked for so far: no error on the console, and
    /// no request to another origin.
    ///
    /// # Panics
    /// When there was one.
    pub fn assert_clean(&self) {
        let complaints: Vec<Value> = self
            .driver
            .log("browser")
            .into_iter()
            .filter(|line| line["level"] != "DEBUG" && line["level"] != "INFO")
            .filter(|line| !is_refusal(line) && !is_of_the_browser(line))
            .collect();
        assert!(complaints.is_empty(), "the console says {complaints:?}");
        self.collect_requests();
        for address in self.requests.borrow().iter() {
            let ours = address.starts_with(&format!("{}/", self.site));
            let elsewhere = self.elsewhere.borrow();
            let known = elsewhere.iter().any(|origin| address.starts_with(origin));
            assert!(
                ours || known || address.starts_with("data:"),
                "{address} was asked for"
            );
        }
        assert!(!self.requests.borrow().is_empty(), "nothing was asked for");
    }

    fn collect_requests(&self) {
        let mut requests = self.requests.borrow_mut();
        for line in self.driver.log("performance") {
            let message = line["message"].as_str().unwrap_or_default();
            let Ok(message) = serde_json::from_str::<Value>(message) else {
                continue;
            };
            if message["message"]["method"] == "Network.requestWillBeSent" {
                let address = &message["message"]["params"]["request"]["url"];
                let address = address.as_str().unwrap_or_default();
                // The browser's own first page is none of ours.
                if !address.starts_with("chrome") {
                    requests.push(address.to_owned());
                }
            }
        }
    }

    /// A picture of the window, written as `<name>.png` into the folder that
    /// `TEST_SCREENSHOTS` names, if it does.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("TEST_SCREENSHOTS") else {
            return;
        };
        let picture = self.driver.get("/screenshot");
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(picture.as_str().unwrap_or_default())
            .expect("a picture");
        std::fs::create_dir_all(&folder).expect("the folder of pictures");
        let file = Path::new(&folder).join(format!("{name}.png"));
        std::fs::write(file, bytes).expect("the picture is written");
    }

    fn element(&self, using: &str, what: &str) -> Element {
        self.driver.find(using, what).unwrap_or_else(|error| {
            let text = self.script("return document.body.innerText");
            panic!("{what} on {}: {error}\n{text}", self.path())
        })
    }

    fn pressable(&self, words: &str) -> Element {
        let open = self.script("return document.querySelector('dialog[open]') !== null");
        let place = if open == json!(true) {
            "//dialog"
        } else {
            "//body"
        };
        let named = format!("[normalize-space(.) = {}]", quoted(words));
        let path = format!("{place}//*[self::a or self::button or self::summary]{named}");
        self.element("xpath", &path)
    }

    fn field(&self, label: &str) -> Element {
        let label = quoted(label);
        let fields = "*[self::input or self::select or self::textarea]";
        let path = format!(
            "//{fields}[@id = //label[normalize-space(.) = {label}]/@for] | \
             //label[normalize-space(.) = {label}]//{fields} | \
             //label[.//*[normalize-space(.) = {label}]]//{fields} | //{fields}[@aria-label = {label}]"
        );
        self.element("xpath", &path)
    }
}

/// Whether a page of the browser's own complains, such as the one that a new window begins with.
fn is_of_the_browser(line: &Value) -> bool {
    let message = line["message"].as_str();
    message.is_some_and(|message| message.starts_with("chrome://"))
}

/// Whether the console merely repeats that a page was answered with a refusal, as it does of every
/// status of 400 and more.
fn is_refusal(line: &Value) -> bool {
    let message = line["message"].as_str().unwrap_or_default();
    line["source"] == "network"
        && ["403", "404", "409", "422"]
            .iter()
            .any(|status| message.contains(&format!("responded with a status of {status}")))
}
