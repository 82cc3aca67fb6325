//! Which adapter stands behind which port.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use rollcall_application::ports::{Ids, Sealer, Store, Supplies};
use rollcall_application::{PublicUrl, Services};
use rollcall_mail::{Delivery, Folder, Smtp};
use rollcall_openid::OpenIdRelyingParty;
use rollcall_secrets::{
    AeadSealer, Argon2Passwords, RandomTokens, SealingKey, SystemClock, TimeOrderedIds,
};

use rollcall_storage::{PostgresStore, SqliteStore};

use crate::config::{Config, Database, MailSettings};

/// Opens everything a use case leans on.
///
/// # Errors
/// When the data folder, the database or the key cannot be used.
pub(crate) fn services(config: &Config, public_url: PublicUrl) -> anyhow::Result<Services> {
    let ids: Arc<dyn Ids> = Arc::new(TimeOrderedIds::default());
    let store = open_store(config, Arc::clone(&ids))?;
    if config.secret_key.is_none() && matches!(config.database, Database::Server(..)) {
        tracing::warn!("secret_key is not set: a second node on this database needs the same one");
    }
    Ok(Services {
        store,
        clock: Arc::new(SystemClock),
        ids,
        tokens: Arc::new(RandomTokens),
        passwords: Arc::new(Argon2Passwords::new(
            config.passwords,
            config.password_pool,
        )?),
        sealer: sealer(config)?,
        relying_party: Arc::new(OpenIdRelyingParty::new(config.identity_providers)),
        public_url,
        refused_tokens: Arc::default(),
    })
}

/// Seals with the key that is configured, or kept in the data folder from earlier; without one,
/// with one that ends with this process, and nothing is kept that is sealed.
fn sealer(config: &Config) -> anyhow::Result<Arc<dyn Sealer>> {
    if let Some(key) = &config.secret_key {
        return Ok(Arc::new(AeadSealer::new(key)));
    }
    let file = config.key_file();
    if !file.try_exists().unwrap_or(false) {
        return Ok(Arc::new(AeadSealer::passing()));
    }
    let key = SealingKey::load(&file)?;
    Ok(Arc::new(AeadSealer::new(&key)))
}

/// Opens the database and brings it to this program's schema.
///
/// # Errors
/// When it cannot be opened, or a newer program made it.
pub(crate) fn open_store(config: &Config, ids: Arc<dyn Ids>) -> anyhow::Result<Arc<dyn Store>> {
    make_private_folder(&config.data_dir)?;
    let supplies = Supplies {
        ids,
        documents: rollcall_scim_service::DOCUMENTS,
    };
    Ok(match &config.database {
        Database::File(path, options) => Arc::new(SqliteStore::open(path, options, supplies)?),
        Database::Server(address, options) => {
            Arc::new(PostgresStore::open(address, options, supplies)?)
        }
    })
}

/// Mail goes where the configuration says.
///
/// # Errors
/// When TLS cannot be set up.
pub(crate) fn delivery(settings: &MailSettings) -> anyhow::Result<Arc<dyn Delivery>> {
    Ok(match settings {
        MailSettings::Folder { path, from } => Arc::new(Folder::new(path.clone(), from.clone())),
        MailSettings::Smtp(smtp) => Arc::new(Smtp::new((**smtp).clone())?),
    })
}

/// Makes the data folder; what is in there is nobody else's business.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn make_private_folder(folder: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .with_context(|| format!("cannot use the data folder {}", folder.display()))
}
