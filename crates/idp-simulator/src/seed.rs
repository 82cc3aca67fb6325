//! Names and ids that look random and are the same in every run.

/// A small generator (`SplitMix64`). It makes names, never secrets.
#[derive(Debug, Clone)]
pub struct Seed(u64);

const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl Seed {
    /// Starts from a number.
    #[must_use]
    pub fn new(start: u64) -> Self {
        Self(start)
    }

    /// Starts from a text (FNV-1a), so that two runs with different suffixes share no id.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(hash)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Letters and digits.
    pub fn letters(&mut self, length: usize) -> String {
        let count = u64::try_from(ALPHABET.len()).expect("62 fits into 64 bits");
        (0..length)
            .filter_map(|_| ALPHABET.get(usize::try_from(self.next() % count).ok()?))
            .map(|byte| char::from(*byte))
            .collect()
    }
}
