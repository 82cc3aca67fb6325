//! Which PostgreSQL databases are opened, and that their schema is that of SQLite.

#![expect(clippy::unwrap_used, reason = "what cannot be is a failing test")]
#![cfg(unix)]

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::Text;
use rollcall_storage::{
    Address, Migrations, Options, PostgresStore, ServerError, ServerOptions, migrate,
    migrate_server,
};
use rollcall_testkit::{postgres, supplies};

fn open(url: &str, migrations: Migrations) -> Result<PostgresStore, ServerError> {
    let options = ServerOptions {
        readers: 1,
        writers: 1,
        migrations,
        ..ServerOptions::default()
    };
    PostgresStore::open(&Address::parse(url).unwrap(), &options, supplies(1))
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(rows: QueryResult<Vec<Line>>) -> BTreeSet<String> {
    rows.unwrap().into_iter().map(|row| row.line).collect()
}

#[test]
fn both_engines_have_the_same_tables_columns_and_indexes() {
    let Some(url) = postgres::new_database() else {
        return;
    };
    migrate_server(&Address::parse(&url).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollcall.db");
    migrate(&path, &Options::default()).unwrap();
    let mut file = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let mut server = PgConnection::establish(&url).unwrap();
    let of_file = lines(
        diesel::sql_query(
            "SELECT tables.name || '.' || columns.name
                || iif(columns.\"notnull\", ' NOT NULL', '') AS line
             FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
             WHERE tables.type = 'table' AND tables.name NOT LIKE '\\_\\_%' ESCAPE '\\'
                AND tables.name NOT LIKE 'sqlite%'",
        )
        .load(&mut file),
    );
    let of_server = lines(
        diesel::sql_query(
            "SELECT table_name || '.' || column_name
                || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END AS line
             FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'",
        )
        .load(&mut server),
    );
    assert!(of_file.len() > 100, "{of_file:?}");
    assert_eq!(of_file, of_server);
    let of_file = lines(
        diesel::sql_query(
            "SELECT listed.name || '(' || (SELECT group_concat(coalesce(name, '?'), ',')
                FROM pragma_index_info(listed.name)) || ')' AS line
             FROM sqlite_schema AS listed WHERE type = 'index' AND sql IS NOT NULL",
        )
        .load(&mut file),
    );
    let of_server = lines(
        diesel::sql_query(
            "SELECT indexrelid::regclass::text || '(' || (SELECT string_agg(attname, ',' ORDER BY at)
                FROM unnest(indkey) WITH ORDINALITY AS named (number, at)
                JOIN pg_attribute ON attrelid = indrelid AND attnum = number) || ')' AS line
             FROM pg_index WHERE indrelid IN (SELECT oid FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE '\\_\\_%')
                AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)",
        )
        .load(&mut server),
    );
    assert!(of_file.len() > 30, "{of_file:?}");
    assert_eq!(of_file, of_server);
}

/// A constraint without a name of ours gets one from PostgreSQL, which SQLite does not have.
#[test]
fn both_engines_have_the_same_constraints_by_name() {
    let Some(url) = postgres::new_database() else {
        return;
    };
    migrate_server(&Address::parse(&url).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollcall.db");
    migrate(&path, &Options::default()).unwrap();
    let mut file = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let mut server = PgConnection::establish(&url).unwrap();
    let of_server = lines(
        diesel::sql_query(
            "SELECT conname::text AS line FROM pg_constraint
             WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f', 'c')
                AND conrelid::regclass::text NOT LIKE '\\_\\_%'",
        )
        .load(&mut server),
    );
    let tables = lines(
        diesel::sql_query(
            "SELECT sql AS line FROM sqlite_schema
             WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'",
        )
        .load(&mut file),
    );
    let mut of_file = BTreeSet::new();
    for constraint in tables
        .iter()
        .flat_map(|sql| sql.split("CONSTRAINT ").skip(1))
    {
        let (name, rule) = constraint.split_once(' ').unwrap();
        // What the types of PostgreSQL say: how long an id is, and that yes or no is one of two.
        let is_typed = rule.starts_with("CHECK (length(") && name.ends_with("id_form")
            || rule.starts_with("CHECK (length(namespace)")
            || rule.starts_with("CHECK") && rule.contains(" IN (0, 1))");
        if !is_typed {
            of_file.insert(name.to_owned());
        }
    }
    assert!(of_file.len() > 60, "{of_file:?}");
    assert_eq!(of_file, of_server);
    for sql in &tables {
        let rules = ["PRIMARY KEY", "FOREIGN KEY", "UNIQUE (", "CHECK ("];
        let rules: usize = rules.iter().map(|rule| sql.matches(rule).count()).sum();
        assert_eq!(
            sql.matches("CONSTRAINT ").count(),
            rules,
            "a name for each: {sql}"
        );
    }
}

#[test]
fn every_column_says_what_it_holds_and_every_text_compares_by_its_bytes() {
    let Some(url) = postgres::new_database() else {
        return;
    };
    migrate_server(&Address::parse(&url).unwrap()).unwrap();
    let mut server = PgConnection::establish(&url).unwrap();
    let columns = "FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0
            AND NOT attisdropped AND relname NOT LIKE '\\_\\_%'";
    let silent = format!(
        "SELECT relname || '.' || attname AS line {columns}
            AND col_description(attrelid, attnum) IS NULL"
    );
    assert_eq!(
        lines(diesel::sql_query(silent).load(&mut server)),
        BTreeSet::new()
    );
    let other = format!(
        "SELECT relname || '.' || attname AS line {columns}
            AND attcollation NOT IN (0, '\"C\"'::regcollation)"
    );
    assert_eq!(
        lines(diesel::sql_query(other).load(&mut server)),
        BTreeSet::new()
    );
}

#[test]
fn several_nodes_that_open_at_once_migrate_once() {
    let Some(url) = postgres::new_database() else {
        return;
    };
    let address = Address::parse(&url).unwrap();
    let run: Vec<usize> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| migrate_server(&address).unwrap()))
            .collect();
        starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect()
    });
    assert_eq!(run.iter().filter(|run| **run > 0).count(), 1, "{run:?}");
}

#[test]
fn a_schema_that_is_newer_older_or_of_another_program_is_refused() {
    let Some(url) = postgres::new_database() else {
        return;
    };
    let refused = open(&url, Migrations::Require).unwrap_err();
    assert!(matches!(refused, ServerError::Older(_)), "{refused}");
    open(&url, Migrations::OnOpen).unwrap();
    open(&url, Migrations::Require).unwrap();
    postgres::run_on(
        &url,
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')",
    );
    let refused = open(&url, Migrations::OnOpen).unwrap_err();
    assert!(matches!(&refused, ServerError::Newer { migration, .. } if migration == "9999"));
    let other = postgres::new_database().unwrap();
    postgres::run_on(&other, "CREATE TABLE members (theirs integer)");
    let refused = open(&other, Migrations::OnOpen).unwrap_err();
    assert!(matches!(refused, ServerError::Foreign(_)), "{refused}");
}

#[test]
fn a_server_that_cannot_be_used_is_one_sentence_without_the_password() {
    let Some(url) = postgres::new_database() else {
        return;
    };
    let parameters = url.split_once('?').unwrap().1.to_owned();
    let refused = |url: &str| open(url, Migrations::OnOpen).unwrap_err();
    let missing = refused(&format!(
        "postgres:///nowhere?password=hunter2&{parameters}"
    ));
    assert!(matches!(missing, ServerError::Missing(_)), "{missing}");
    let stranger = url.replace("user=rollcall", "user=stranger");
    let stranger = refused(&stranger);
    assert!(matches!(stranger, ServerError::Refused(_)), "{stranger}");
    let away = refused("postgres://u:hunter2@127.0.0.1:1/r");
    assert!(matches!(away, ServerError::Unreachable(_)), "{away}");
    // The words of a name say nothing about what is wrong.
    let named = refused("postgres://u:hunter2@missing.password.invalid/r");
    assert!(matches!(named, ServerError::Unreachable(_)), "{named}");
    let unwritten = refused("postgres://u:hun/ter2@127.0.0.1:x/r");
    assert!(matches!(unwritten, ServerError::Address), "{unwritten}");
    let unknown = refused("postgres://u:hunter2@127.0.0.1/r?sslmod=require");
    assert!(matches!(unknown, ServerError::Parameter), "{unknown}");
    for error in [&missing, &stranger, &away, &named, &unwritten, &unknown] {
        let sentence = error.to_string();
        assert!(
            !sentence.contains("hun") && !sentence.contains('\n'),
            "{sentence}"
        );
        assert!(std::error::Error::source(error).is_none(), "{sentence}");
    }
    // A user without the right to create anything.
    postgres::run_on(
        &url,
        "DO $$ BEGIN CREATE ROLE limited LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
         REVOKE ALL ON SCHEMA public FROM public",
    );
    let limited = refused(&url.replace("user=rollcall", "user=limited"));
    assert!(matches!(limited, ServerError::Rights(_)), "{limited}");
    // A node needs no more than to read and write the tables, and no less.
    open(&url, Migrations::OnOpen).unwrap();
    postgres::run_on(
        &url,
        "GRANT USAGE ON SCHEMA public TO limited; GRANT SELECT ON ALL TABLES IN SCHEMA public TO limited",
    );
    let limited = url.replace("user=rollcall", "user=limited");
    let refused = refused(&limited);
    assert!(matches!(refused, ServerError::TableRights(_)), "{refused}");
    postgres::run_on(
        &url,
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO limited",
    );
    open(&limited, Migrations::OnOpen).unwrap();
}
