//! Configuration: what is taken, and the sentence for each that is not.

use super::*;

fn layers(toml: &str) -> Result<Layers, ConfigError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rollcall.toml");
    std::fs::write(&path, toml).expect("written");
    let mut layers = Layers::default();
    layers.add_file(&path)?;
    Ok(layers)
}

fn from_toml(toml: &str) -> Result<Config, ConfigError> {
    Config::from_layers(&layers(toml)?)
}

fn from_environment(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let mut layers = Layers::default();
    let owned = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    layers.add_environment(owned)?;
    Config::from_layers(&layers)
}

fn sentence(result: Result<Config, ConfigError>) -> String {
    let sentence = result.expect_err("refused").to_string();
    assert!(!sentence.contains('\n'), "one line: {sentence}");
    sentence
}

#[test]
fn without_any_configuration_it_runs_on_this_machine() {
    let config = Config::from_layers(&Layers::default()).expect("the defaults");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    let file = PathBuf::from("./data/rollcall.db");
    assert_eq!(config.database, Database::File(file, Options::default()));
    assert_eq!(
        config.public_url(config.listen).as_str(),
        "http://127.0.0.1:8080"
    );
    assert!(matches!(config.mail, MailSettings::Folder { .. }));
    assert_eq!(config.http, HttpSettings::default());
}

/// P-7-X1: limited unless somebody says otherwise.
#[test]
fn how_often_a_directory_may_ask_is_limited_and_the_limit_can_be_moved_or_lifted() {
    let rate = |toml: &str| from_toml(toml).map(|config| config.http.scim_rate);
    let usual = Rate {
        per_second: 50,
        burst: 200,
    };
    assert_eq!(rate(""), Ok(Some(usual)));
    let moved = Rate {
        per_second: 7,
        burst: 9,
    };
    let toml = "scim.requests_per_second = 7\nscim.burst = 9";
    assert_eq!(rate(toml), Ok(Some(moved)));
    assert_eq!(rate("scim.requests_per_second = 0"), Ok(None));
    assert!(rate("scim.requests_per_second = -1").is_err());
    assert!(rate("scim.burst = 0").is_err());
}

#[test]
fn the_example_of_every_setting_is_taken() {
    let lines: Vec<String> = KEYS
        .iter()
        .map(|key| format!("{} = {}", key.name, key.example))
        .collect();
    let config = from_toml(&lines.join("\n")).expect("every example");
    assert_eq!(
        config.public_url(config.listen).as_str(),
        "https://panel.example.com"
    );
    let Database::File(_, sqlite) = &config.database else {
        panic!("{:?}", config.database);
    };
    assert_eq!(sqlite.synchronous, Synchronous::Normal);
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.http.trusted_proxies.len(), 2);
    assert_eq!(config.http.workers, Some(4));
    assert_eq!(config.passwords.memory_kib, 65_536);
    assert_eq!(sqlite.readers, 8);
    assert_eq!(config.http.access.session_idle, TimeDelta::hours(2));
    assert_eq!(config.activity_retention, Some(TimeDelta::days(730)));
    assert!(config.secret_key.is_some());
    assert!(!format!("{config:?}").contains("from the environment, rather"));
    let MailSettings::Smtp(smtp) = config.mail else {
        panic!("smtp.host is set");
    };
    assert_eq!(
        (smtp.host.as_str(), smtp.port, smtp.tls),
        ("smtp.example.com", 587, SmtpTls::Starttls)
    );
}

#[test]
fn a_bad_value_of_any_setting_is_one_sentence_with_its_name_and_what_to_write() {
    for key in KEYS {
        if [
            "data_dir",
            "mail.folder",
            "smtp.host",
            "smtp.username",
            "smtp.password",
        ]
        .contains(&key.name)
        {
            continue;
        }
        let sentence = sentence(from_toml(&format!("{} = \"<nonsense>\"", key.name)));
        assert!(sentence.contains(&format!("`{}`", key.name)), "{sentence}");
        assert!(sentence.contains(key.write), "{sentence}");
        assert!(sentence.contains("rollcall.toml"), "{sentence}");
    }
    for key in KEYS {
        let sentence = sentence(from_toml(&format!("{} = {{ a = 1 }}", key.name)));
        assert!(sentence.contains(key.write), "{sentence}");
    }
}

#[test]
fn an_unknown_key_is_refused_wherever_it_stands() {
    let file = sentence(from_toml("lisen = \"127.0.0.1:1\""));
    assert!(
        file.contains("`lisen`") && file.contains("rollcall config"),
        "{file}"
    );
    let nested = sentence(from_toml("[smtp]\nhots = \"x\""));
    assert!(nested.contains("`smtp.hots`"), "{nested}");
    let variable = sentence(from_environment(&[("ROLLCALL_LISEN", "127.0.0.1:1")]));
    assert!(variable.contains("`ROLLCALL_LISEN`"), "{variable}");
}

#[test]
fn the_environment_overrides_the_file_and_arguments_override_both() {
    let mut layers = layers("listen = \"127.0.0.1:1\"\n[log]\nlevel = \"warn\"").expect("read");
    let variables = [
        ("ROLLCALL_LISTEN", "127.0.0.1:2"),
        ("ROLLCALL_TRUSTED_PROXIES", "10.0.0.1, 10.0.1.0/24"),
        ("ROLLCALL_CONFIG", "elsewhere.toml"),
        ("PATH", "/usr/bin"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    layers.add_environment(variables).expect("taken");
    let config = Config::from_layers(&layers).expect("good");
    assert_eq!(config.listen.port(), 2);
    assert_eq!(config.log.level, "warn");
    assert_eq!(config.http.trusted_proxies.len(), 2);

    layers.add_argument("listen", "--listen", Some("127.0.0.1:3"));
    layers.add_argument("log.level", "--log-level", None);
    let config = Config::from_layers(&layers).expect("good");
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.log.level, "warn");

    layers.add_argument("listen", "--listen", Some("here"));
    let sentence = sentence(Config::from_layers(&layers));
    assert!(sentence.contains("given as --listen"), "{sentence}");
}

/// P-7.2-01: whoever else reaches it does so through TLS.
#[test]
fn plain_http_is_for_this_machine_alone() {
    for good in [
        "http://localhost:8080",
        "http://panel.localhost",
        "http://127.0.0.7/",
        "http://[::1]:8080",
        "https://panel.example.com/rollcall/",
    ] {
        let config = from_toml(&format!("public_url = \"{good}\"")).expect(good);
        assert_eq!(
            config.public_url(config.listen).as_str(),
            good.trim_end_matches('/')
        );
    }
    for bad in [
        "http://panel.example.com",
        "https://panel.example.com/?a=b",
        "https://user@panel.example.com",
        "ftp://panel.example.com",
        "panel.example.com",
        "https://",
    ] {
        let sentence = sentence(from_toml(&format!("public_url = \"{bad}\"")));
        assert!(sentence.contains("`public_url`"), "{bad}: {sentence}");
    }
    let trusted = "public_url = \"http://panel.internal\"\ninsecure_http = true";
    assert!(from_toml(trusted).is_ok());
}

#[test]
fn listening_to_the_world_needs_a_public_url() {
    let sentence = sentence(from_environment(&[("ROLLCALL_LISTEN", "0.0.0.0:8080")]));
    assert!(sentence.contains("`public_url`"), "{sentence}");
}

#[test]
fn a_port_chosen_by_the_system_stands_in_the_public_url() {
    let config = from_environment(&[("ROLLCALL_LISTEN", "127.0.0.1:0")]).expect("good");
    let bound: SocketAddr = "127.0.0.1:4711".parse().expect("an address");
    assert_eq!(config.public_url(bound).as_str(), "http://127.0.0.1:4711");
}

#[test]
fn postgresql_is_one_setting() {
    let written = "database = \"postgres://rollcall:hunter2@db.example.com/rollcall\"";
    let config = from_toml(written).expect("good");
    let Database::Server(address, options) = &config.database else {
        panic!("{:?}", config.database);
    };
    assert_eq!(
        address.to_string(),
        "postgres://rollcall@db.example.com/rollcall"
    );
    assert_eq!(*options, ServerOptions::default());
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn settings_that_need_each_other_say_so() {
    let alone = sentence(from_toml("smtp.host = \"smtp.example.com\""));
    assert!(
        alone.contains("`mail.from`") && alone.contains("smtp.host"),
        "{alone}"
    );
    let half = sentence(from_toml("smtp.username = \"rollcall\""));
    assert!(half.contains("`smtp.password`"), "{half}");
}

#[test]
fn a_file_that_is_missing_or_no_toml_is_said_in_one_sentence() {
    let mut layers = Layers::default();
    let error = layers.add_file(std::path::Path::new("/nowhere/rollcall.toml"));
    let error = error.expect_err("missing").to_string();
    assert!(error.contains("/nowhere/rollcall.toml"), "{error}");
    let sentence = sentence(from_toml("data_dir = \"x\"\nlisten = = 1"));
    assert!(sentence.contains("line 2"), "{sentence}");
}

#[test]
fn a_refused_secret_is_not_repeated() {
    let sentence = sentence(from_environment(&[("ROLLCALL_SECRET_KEY", "hunter2")]));
    assert!(
        sentence.contains("`secret_key`") && !sentence.contains("hunter2"),
        "{sentence}"
    );
}
