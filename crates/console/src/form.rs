//! A form as a page: most of what people do is one.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use rollcall_application::Failure;

use crate::error::{status, words};
use crate::shell::{Shell, render_as};

/// What a field looks like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A line; the value of `type`.
    Line(&'static str),
    /// Several lines.
    Lines,
    /// One of some.
    Choice,
    /// Any of some.
    Boxes,
    /// On or off.
    Switch,
    /// Goes along unseen.
    Hidden,
}

/// Something to choose.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

/// A field of a form.
pub(crate) struct Field {
    pub(crate) kind: Kind,
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) value: String,
    pub(crate) hint: String,
    pub(crate) complete: &'static str,
    pub(crate) required: bool,
    pub(crate) choices: Vec<Choice>,
    /// Whether digits are asked for.
    pub(crate) number: bool,
}

impl Field {
    fn new(kind: Kind, name: &'static str, label: &'static str, value: &str) -> Self {
        Self {
            kind,
            name,
            label,
            value: value.to_owned(),
            hint: String::new(),
            complete: "off",
            required: false,
            choices: Vec::new(),
            number: false,
        }
    }

    pub(crate) fn text(name: &'static str, label: &'static str, value: &str) -> Self {
        Self::new(Kind::Line("text"), name, label, value)
    }

    pub(crate) fn email(value: &str) -> Self {
        let field = Self::new(Kind::Line("text"), "email", "E-mail", value);
        field.completed("username").required()
    }

    pub(crate) fn password(
        name: &'static str,
        label: &'static str,
        complete: &'static str,
    ) -> Self {
        Self::new(Kind::Line("password"), name, label, "")
            .completed(complete)
            .required()
    }

    /// The present password, asked for again (SEC-9).
    pub(crate) fn confirmation() -> Self {
        let mut field = Self::password("current_password", "Your password", "current-password");
        // Who has no password has signed in through a provider; the use case says what to do.
        field.required = false;
        field.hint(
            "Asked for again because this cannot simply be taken back. Leave it empty if you have \
             just signed in through your identity provider.",
        )
    }

    pub(crate) fn lines(name: &'static str, label: &'static str, value: &str) -> Self {
        Self::new(Kind::Lines, name, label, value).required()
    }

    pub(crate) fn hidden(name: &'static str, value: &str) -> Self {
        Self::new(Kind::Hidden, name, "", value)
    }

    pub(crate) fn choice(name: &'static str, label: &'static str, choices: Vec<Choice>) -> Self {
        Self {
            choices,
            ..Self::new(Kind::Choice, name, label, "")
        }
    }

    pub(crate) fn boxes(name: &'static str, label: &'static str, choices: Vec<Choice>) -> Self {
        Self {
            choices,
            ..Self::new(Kind::Boxes, name, label, "")
        }
    }

    /// On or off, sent as `yes`.
    pub(crate) fn switch(name: &'static str, label: &'static str, text: &str, on: bool) -> Self {
        let choices = vec![Choice {
            value: "yes".to_owned(),
            label: text.to_owned(),
            chosen: on,
        }];
        Self {
            choices,
            ..Self::new(Kind::Switch, name, label, "")
        }
    }

    /// For digits.
    pub(crate) fn number(mut self) -> Self {
        self.number = true;
        self
    }

    pub(crate) fn hint(mut self, hint: &str) -> Self {
        hint.clone_into(&mut self.hint);
        self
    }

    fn completed(mut self, complete: &'static str) -> Self {
        self.complete = complete;
        self
    }

    fn required(mut self) -> Self {
        self.required = true;
        self
    }

    fn input(&self) -> &'static str {
        match self.kind {
            Kind::Line(kind) => kind,
            _ => "text",
        }
    }
}

/// Choices by value and label.
pub(crate) fn choices(options: &[(&str, &str)], chosen: &str) -> Vec<Choice> {
    let choice = |(value, label): &(&str, &str)| Choice {
        value: (*value).to_owned(),
        label: (*label).to_owned(),
        chosen: *value == chosen,
    };
    options.iter().map(choice).collect()
}

/// One thing that will follow.
pub(crate) struct Effect {
    pub(crate) icon: &'static str,
    pub(crate) title: &'static str,
    pub(crate) text: String,
}

/// A form.
#[derive(Template)]
#[template(path = "form.html")]
pub(crate) struct FormPage {
    pub(crate) shell: Shell,
    /// Paragraphs before the fields.
    pub(crate) intro: Vec<String>,
    /// What will stop, stay and happen.
    pub(crate) effects: Vec<Effect>,
    /// Lists of what will happen: heading and lines.
    pub(crate) lists: Vec<(String, Vec<String>)>,
    pub(crate) fields: Vec<Field>,
    /// Where it goes, if not to the page's own address.
    pub(crate) action: Option<String>,
    pub(crate) submit: &'static str,
    pub(crate) danger: bool,
    pub(crate) cancel: Option<String>,
    pub(crate) error: Option<String>,
    /// The field that the error is about, where it is about one.
    pub(crate) invalid: Option<String>,
    /// Whether it is there to be looked at alone.
    pub(crate) locked: bool,
    /// A link below the form.
    pub(crate) link: Option<(String, &'static str)>,
}

impl FormPage {
    pub(crate) fn new(shell: Shell, submit: &'static str, fields: Vec<Field>) -> Self {
        Self {
            shell,
            intro: Vec::new(),
            effects: Vec::new(),
            lists: Vec::new(),
            fields,
            action: None,
            submit,
            danger: false,
            cancel: None,
            error: None,
            invalid: None,
            locked: false,
            link: None,
        }
    }

    pub(crate) fn intro(mut self, text: &str) -> Self {
        self.intro.push(text.to_owned());
        self
    }

    pub(crate) fn cancel(mut self, path: &str) -> Self {
        self.cancel = Some(path.to_owned());
        self
    }

    pub(crate) fn danger(mut self) -> Self {
        self.danger = true;
        self
    }

    fn is_invalid(&self, field: &str) -> bool {
        self.invalid.as_deref() == Some(field)
    }

    pub(crate) fn show(&self) -> HttpResponse {
        render_as(StatusCode::OK, self)
    }

    /// Again, with what was typed and why it was not taken.
    pub(crate) fn refused(mut self, failure: &Failure) -> HttpResponse {
        self.error = Some(words(failure));
        if let Failure::Invalid(input) = failure {
            self.invalid = Some(input.field.clone());
        }
        self.shell.title = format!("Error: {}", self.shell.title);
        render_as(status(failure), &self)
    }
}
