//! Identity providers as clients over real HTTP.
