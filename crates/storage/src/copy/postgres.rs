//! PostgreSQL as one side of a copy.

use diesel::connection::SimpleConnection;
use diesel::pg::PgRowByRowLoadingMode;
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

fn columns(connection: &mut PgConnection, table: &str) -> Result<Vec<Column>, CopyError> {
    Ok(diesel::sql_query(
        "SELECT attname::text AS name, atttypid::regtype::text AS kind FROM pg_attribute
         WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
         ORDER BY attname COLLATE \"C\"",
    )
    .bind::<Text, _>(table)
    .load(connection)?)
}

fn names(columns: &[Column]) -> String {
    let names: Vec<String> = columns.iter().map(|c| format!("\"{}\"", c.name)).collect();
    names.join(", ")
}

impl Side for PgConnection {
    fn tables(&mut self) -> Result<Vec<Table>, CopyError> {
        Ok(diesel::sql_query(
            "SELECT relname::text AS name, coalesce((
                SELECT string_agg(confrelid::regclass::text, ',') FROM pg_constraint
                WHERE conrelid = pg_class.oid AND contype = 'f'), '') AS refers
             FROM pg_class
             WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
                AND relname <> '__diesel_schema_migrations'
             ORDER BY relname COLLATE \"C\"",
        )
        .load(self)?)
    }

    fn begin(&mut self) -> Result<(), CopyError> {
        let tables: Vec<String> = self.tables()?.into_iter().map(|table| table.name).collect();
        let tables = tables.join(", ");
        // Others may read meanwhile, and nobody may write.
        Ok(self.batch_execute(&format!(
            "BEGIN; LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE"
        ))?)
    }

    fn commit(&mut self) -> Result<(), CopyError> {
        Ok(self.batch_execute("COMMIT")?)
    }

    fn reading(&mut self, table: &str) -> Result<String, CopyError> {
        let values: Vec<String> = columns(self, table)?
            .iter()
            .map(|Column { name, kind }| match kind.as_str() {
                "uuid" => format!("replace(\"{name}\"::text, '-', '')"),
                "bytea" => format!("encode(\"{name}\", 'hex')"),
                "boolean" => format!("\"{name}\"::integer"),
                _ => format!("\"{name}\""),
            })
            .collect();
        let values = values.join(", ");
        Ok(format!(
            "SELECT json_build_array({values})::text AS line FROM {table}"
        ))
    }

    fn writing(&mut self, table: &str) -> Result<String, CopyError> {
        let columns = columns(self, table)?;
        let values: Vec<String> = columns
            .iter()
            .enumerate()
            .map(|(at, Column { kind, .. })| match kind.as_str() {
                "bytea" => format!("decode(value ->> {at}, 'hex')"),
                "boolean" => format!("(value ->> {at})::integer::boolean"),
                kind => format!("(value ->> {at})::{kind}"),
            })
            .collect();
        let (names, values) = (names(&columns), values.join(", "));
        Ok(format!(
            "INSERT INTO {table} ({names}) SELECT {values}
             FROM json_array_elements($1::json) AS rows (value)"
        ))
    }

    fn each_row(
        &mut self,
        statement: &str,
        take: &mut dyn FnMut(String) -> Result<(), CopyError>,
    ) -> Result<(), CopyError> {
        let rows = diesel::sql_query(statement).load_iter::<Row, PgRowByRowLoadingMode>(self)?;
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
