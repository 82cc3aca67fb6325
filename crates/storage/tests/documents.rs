//! Documents that another version of the program wrote.

#![expect(clippy::unwrap_used, reason = "what cannot be is a failing test")]

use std::path::Path;
use std::sync::Arc;

use rollcall_application::ports::{
    Documents, MemberCondition, ReadTx, Store, StoreExt, Stretch, Supplies, Teams, Window,
};
use rollcall_storage::{Options, SqliteStore};
use rollcall_testkit::{DOCUMENTS, Tenant, supplies};

/// A program whose documents are of another form.
const NEWER: Documents = Documents {
    form: 8,
    write: |member| format!("newer {}", member.label()),
};

/// One of the same form, which tells what it wrote itself from what it found.
const SILENT: Documents = Documents {
    form: 8,
    write: |_| "written by nobody".to_owned(),
};

/// A program that begins its ids with `first`.
fn open(path: &Path, first: u64, documents: Documents) -> Arc<dyn Store> {
    let supplies = Supplies {
        documents,
        ..supplies(first << 40)
    };
    Arc::new(SqliteStore::open(path, &Options::default(), supplies).unwrap())
}

async fn texts(acme: &Tenant, conditions: &[MemberCondition], offset: u64) -> Vec<String> {
    let (id, connection, conditions) = (acme.id(), acme.connection.id, conditions.to_vec());
    let job = move |tx: &mut dyn ReadTx| {
        let stretch = Stretch::by_id(Window::Offset(offset), 9);
        Ok(tx.live_documents(id, connection, &conditions, &stretch, Teams::Load)?)
    };
    let documents = acme.store.read(job).await.unwrap();
    documents.into_iter().map(|(one, _)| one.text).collect()
}

#[tokio::test]
async fn documents_of_another_form_are_written_anew_from_the_member() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollcall.db");
    let mut acme = Tenant::found(&open(&path, 1, DOCUMENTS), "Acme", 1).await;
    let jane = acme.pushed_member("jane@acme.example").await;
    let bill = acme.pushed_member("bill@acme.example").await;

    acme.store = open(&path, 2, NEWER);
    let by_name = [MemberCondition::UserName(jane.login_key.clone())];
    assert_eq!(texts(&acme, &[], 0).await, ["newer jane", "newer bill"]);
    assert_eq!(texts(&acme, &[], 1).await, ["newer bill"]);
    assert_eq!(texts(&acme, &by_name, 0).await, ["newer jane"]);
    let jane = acme.save_member(acme.changed(jane)).await.unwrap();
    // Whom that program saved has a document of its form, and only that one has.
    acme.store = open(&path, 3, SILENT);
    let read = texts(&acme, &[], 0).await;
    assert_eq!(read, ["newer jane", "written by nobody"]);
    // An older program that still runs does not read it.
    acme.store = open(&path, 4, DOCUMENTS);
    let read = texts(&acme, &[], 0).await;
    assert_eq!(read, [&jane, &bill].map(DOCUMENTS.write));
}
