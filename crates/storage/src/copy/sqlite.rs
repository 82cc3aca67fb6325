//! SQLite as one side of a copy.

use diesel::connection::{DefaultLoadingMode, SimpleConnection};
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::{CopyError, Side, Table};

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    line: String,
}

fn columns(connection: &mut SqliteConnection, table: &str) -> Result<Vec<Column>, CopyError> {
    // By name: the order of columns follows the migrations, and those of engines may differ.
    Ok(diesel::sql_query(
        "SELECT name, type AS kind FROM pragma_table_info(?) ORDER BY name COLLATE BINARY",
    )
    .bind::<Text, _>(table)
    .load(connection)?)
}

fn names(columns: &[Column]) -> String {
    let names: Vec<String> = columns.iter().map(|c| format!("\"{}\"", c.name)).collect();
    names.join(", ")
}

impl Side for SqliteConnection {
    fn tables(&mut self) -> Result<Vec<Table>, CopyError> {
        Ok(diesel::sql_query(
            "SELECT name, coalesce((SELECT group_concat(\"table\")
                FROM pragma_foreign_key_list(listed.name)), '') AS refers
             FROM sqlite_schema AS listed
             WHERE type = 'table' AND name <> '__diesel_schema_migrations'
                AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
             ORDER BY name",
        )
        .load(self)?)
    }

    fn begin(&mut self) -> Result<(), CopyError> {
        Ok(self.batch_execute("BEGIN IMMEDIATE")?)
    }

    fn commit(&mut self) -> Result<(), CopyError> {
        Ok(self.batch_execute("COMMIT")?)
    }

    fn reading(&mut self, table: &str) -> Result<String, CopyError> {
        let values: Vec<String> = columns(self, table)?
            .iter()
            .map(|Column { name, kind }| match kind.as_str() {
                "BLOB" => format!("iif(\"{name}\" IS NULL, NULL, lower(hex(\"{name}\")))"),
                _ => format!("\"{name}\""),
            })
            .collect();
        let values = values.join(", ");
        Ok(format!("SELECT json_array({values}) AS line FROM {table}"))
    }

    fn writing(&mut self, table: &str) -> Result<String, CopyError> {
        let columns = columns(self, table)?;
        let values: Vec<String> = columns
            .iter()
            .enumerate()
            .map(|(at, Column { kind, .. })| match kind.as_str() {
                "BLOB" => format!("unhex(value ->> {at})"),
                _ => format!("value ->> {at}"),
            })
            .collect();
        let (names, values) = (names(&columns), values.join(", "));
        Ok(format!(
            "INSERT INTO {table} ({names}) SELECT {values} FROM json_each(?)"
        ))
    }

    fn each_row(
        &mut self,
        statement: &str,
        take: &mut dyn FnMut(String) -> Result<(), CopyError>,
    ) -> Result<(), CopyError> {
        let rows = diesel::sql_query(statement).load_iter::<Row, DefaultLoadingMode>(self)?;
        for row in rows {
            take(row?.line)?;
        }
        Ok(())
    }

    fn insert(&mut self, statement: &str, rows: &str) -> Result<(), CopyError> {
        diesel::sql_query(statement)
            .bind::<Text, _>(rows)
            .execute(self)?;
        Ok(())
    }
}
