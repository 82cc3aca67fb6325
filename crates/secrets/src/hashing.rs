//! Argon2 in memory that goes back to the system with every hash.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{self, CustomizedPasswordHasher, PasswordHasher};
use argon2::{Algorithm, Argon2, Block, Error, Params, Version};

/// So many blocks are a little more than 32 MiB: such a piece is the system's again as soon as it is free.
/// Smaller ones glibc keeps, for each thread its own: sign-ins on three threads would hold three times
/// 19 MiB for good.
const LARGE: usize = 32 * 1024 + 1;

/// What the library hashes, in memory of our own.
#[derive(Debug)]
pub(crate) struct Argon2Hashing {
    algorithm: Algorithm,
    version: Version,
    pub(crate) params: Params,
}

impl Argon2Hashing {
    /// Argon2id as it stands today.
    pub(crate) const fn new(params: Params) -> Self {
        Self {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            params,
        }
    }

    /// Memory for one hash. What makes it a large piece lies behind it, is never touched, and takes none.
    fn memory(&self) -> argon2::Result<Vec<Block>> {
        let count = self.params.block_count();
        let mut blocks = Vec::new();
        blocks
            .try_reserve_exact(count.max(LARGE))
            .map_err(|_| Error::OutOfMemory)?;
        blocks.resize(count, Block::new());
        Ok(blocks)
    }
}

impl PasswordHasher<PasswordHash> for Argon2Hashing {
    fn hash_password_with_salt(
        &self,
        password: &[u8],
        salt: &[u8],
    ) -> password_hash::Result<PasswordHash> {
        let argon2 = Argon2::new(self.algorithm, self.version, self.params.clone());
        let length = self.params.output_len();
        let mut output = vec![0; length.unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
        argon2.hash_password_into_with_memory(password, salt, &mut output, self.memory()?)?;
        Ok(PasswordHash {
            algorithm: self.algorithm.ident(),
            version: Some(self.version.into()),
            params: ParamsString::try_from(&self.params)?,
            salt: Some(Salt::new(salt)?),
            hash: Some(Output::new(&output)?),
        })
    }
}

impl CustomizedPasswordHasher<PasswordHash> for Argon2Hashing {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<u32>,
        params: Params,
    ) -> password_hash::Result<PasswordHash> {
        let algorithm = algorithm.map(Algorithm::try_from).transpose()?;
        let version = version.map(Version::try_from).transpose()?;
        let hashing = Self {
            algorithm: algorithm.unwrap_or_default(),
            version: version.unwrap_or_default(),
            params,
        };
        hashing.hash_password_with_salt(password, salt)
    }
}
