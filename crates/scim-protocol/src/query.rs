//! Query parameters (RFC 7644 section 3.4.2), read form-style: `+` is a space, `%2B` a plus.

use crate::error::ScimError;
use crate::filter::Scope;
use crate::paging::{Paging, PagingWords, integer};
use crate::path::AttributePath;
use crate::projection::Projection;
use crate::schema::ResourceKind;
use crate::sort::Sort;

/// In which direction a list is sorted (RFC 7644 section 3.4.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortOrder {
    /// Small values first; this is the default.
    #[default]
    Ascending,
    /// Large values first.
    Descending,
}

impl SortOrder {
    /// Reads the parameter, in any case.
    ///
    /// # Errors
    /// `invalidValue` for any other word (P-3.4.2.3-05).
    pub fn parse(text: &str) -> Result<Self, ScimError> {
        match text {
            text if text.eq_ignore_ascii_case("ascending") => Ok(Self::Ascending),
            text if text.eq_ignore_ascii_case("descending") => Ok(Self::Descending),
            _ => Err(ScimError::invalid_value(
                "sortOrder must be ascending or descending",
            )),
        }
    }
}

/// What a client asked for, in an address or in a `SearchRequest`; not yet resolved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The filter, as sent. An empty one is none.
    pub filter: Option<String>,
    /// Which part of the result is wanted.
    pub paging: Paging,
    /// The attributes that are wanted; none if the parameter is missing or empty.
    pub attributes: Option<Vec<String>>,
    /// The attributes that are not wanted; none if the parameter is missing or empty.
    pub excluded_attributes: Option<Vec<String>>,
    /// The attribute to sort by, as sent.
    pub sort_by: Option<String>,
    /// The direction, as sent.
    pub sort_order: Option<String>,
}

impl Query {
    /// Reads the query string, without its `?`. Unknown parameters are ignored (P-3.4.2-01), broken
    /// percent signs are taken as they stand.
    ///
    /// # Errors
    /// `invalidValue` when a parameter that takes one value is given twice, is not UTF-8, or when
    /// `startIndex` or `count` is no integer.
    pub fn parse(query: &str) -> Result<Self, ScimError> {
        let mut raw = RawParameters::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            raw.take(&name.to_ascii_lowercase(), value)?;
        }
        Ok(Self {
            paging: raw.paging()?,
            filter: raw.filter,
            attributes: some_names(raw.attributes),
            excluded_attributes: some_names(raw.excluded_attributes),
            sort_by: raw.sort_by,
            sort_order: raw.sort_order,
        })
    }

    /// The projection that was asked for.
    ///
    /// # Errors
    /// `invalidValue` when both lists are given (P-3.9-02).
    pub fn projection(&self, kind: ResourceKind) -> Result<Projection, ScimError> {
        let (attributes, excluded) = (&self.attributes, &self.excluded_attributes);
        Projection::new(attributes.as_deref(), excluded.as_deref(), kind)
    }

    /// What to sort by, and how.
    ///
    /// # Errors
    /// `invalidValue` for an unknown attribute or direction (P-3.4.2.3-05), and as
    /// [`Sort::new`].
    pub fn sort(&self, kind: ResourceKind, scope: Scope) -> Result<Option<Sort>, ScimError> {
        let order = self
            .sort_order
            .as_deref()
            .map_or(Ok(SortOrder::default()), SortOrder::parse)?;
        let Some(sort_by) = &self.sort_by else {
            return Ok(None);
        };
        let path = match scope {
            Scope::OneKind => AttributePath::parse(sort_by, kind),
            Scope::EveryKind => AttributePath::parse_for_every_kind(sort_by, kind),
        };
        let path = path.map_err(|error| ScimError::invalid_value(format!("sortBy: {error}")))?;
        Sort::new(path, order).map(Some)
    }
}

#[derive(Default)]
struct RawParameters {
    filter: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    cursor: Option<String>,
    attributes: Vec<String>,
    excluded_attributes: Vec<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
}

impl RawParameters {
    fn take(&mut self, name: &str, raw: &str) -> Result<(), ScimError> {
        let (label, slot) = match name {
            "filter" => ("filter", &mut self.filter),
            "startindex" => ("startIndex", &mut self.start_index),
            "count" => ("count", &mut self.count),
            "cursor" => return self.take_cursor(raw),
            "sortby" => ("sortBy", &mut self.sort_by),
            "sortorder" => ("sortOrder", &mut self.sort_order),
            "attributes" => return split_names("attributes", raw, &mut self.attributes),
            "excludedattributes" => {
                return split_names("excludedAttributes", raw, &mut self.excluded_attributes);
            }
            _ => return Ok(()),
        };
        if slot.is_some() {
            return Err(ScimError::invalid_value(format!("{label} is given twice")));
        }
        let value = decode(label, raw)?;
        *slot = (!value.trim().is_empty()).then_some(value);
        Ok(())
    }
}

impl RawParameters {
    /// An empty cursor is one, too: it begins (C-2-01).
    fn take_cursor(&mut self, raw: &str) -> Result<(), ScimError> {
        if self.cursor.is_some() {
            return Err(ScimError::invalid_value("cursor is given twice"));
        }
        self.cursor = Some(decode("cursor", raw)?.trim().to_owned());
        Ok(())
    }

    fn paging(&mut self) -> Result<Paging, ScimError> {
        PagingWords {
            start_index: integer("startIndex", self.start_index.as_deref())?,
            count: integer("count", self.count.as_deref())?,
            cursor: self.cursor.take(),
        }
        .meaning()
    }
}

fn split_names(label: &str, raw: &str, names: &mut Vec<String>) -> Result<(), ScimError> {
    let value = decode(label, raw)?;
    let split = value
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names.extend(split.map(str::to_owned));
    Ok(())
}

fn some_names(names: Vec<String>) -> Option<Vec<String>> {
    (!names.is_empty()).then_some(names)
}

/// Decodes form-style; a `%` that begins no byte stays what it is.
fn decode(label: &str, raw: &str) -> Result<String, ScimError> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => {
                if let (Some(high), Some(low)) = (hex(*high), hex(*low)) {
                    bytes.push(high * 16 + low);
                    rest = after;
                } else {
                    bytes.push(b'%');
                }
            }
            (byte, _) => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| ScimError::invalid_value(format!("{label} is not UTF-8")))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_36_a_plus_is_a_space_and_an_encoded_plus_is_a_plus() {
        let query = Query::parse("filter=userName+eq+%22a%2Bb%40x.com%22&startIndex=1&count=100");
        let query = query.expect("valid");
        assert_eq!(query.filter.as_deref(), Some("userName eq \"a+b@x.com\""));
        assert_eq!(query.paging, Paging::default());
    }

    #[test]
    fn p_3_4_2_01_unknown_parameters_and_raw_quotes_are_no_error() {
        let query = Query::parse("aadOptscim062020=true&filter=externalId+eq+\"guid\"&&=&x");
        assert_eq!(
            query.expect("valid").filter.as_deref(),
            Some("externalId eq \"guid\"")
        );
        assert_eq!(Query::parse(""), Ok(Query::default()));
    }

    #[test]
    fn broken_percent_signs_stand_for_themselves() {
        let query = Query::parse("filter=100%&sortBy=%zz%4").expect("valid");
        assert_eq!(query.filter.as_deref(), Some("100%"));
        assert_eq!(query.sort_by.as_deref(), Some("%zz%4"));
        assert!(Query::parse("filter=%ff").is_err());
        assert!(Query::parse("foo=%ff").is_ok());
    }

    #[test]
    fn a_parameter_given_twice_is_refused_but_lists_of_names_are_joined() {
        assert!(Query::parse("count=1&COUNT=2").is_err());
        let query = Query::parse("attributes=userName,%20emails&attributes=name").expect("valid");
        let names = ["userName", "emails", "name"].map(str::to_owned);
        assert_eq!(query.attributes.as_deref(), Some(&names[..]));
        assert_eq!(Query::parse("attributes=").expect("valid").attributes, None);
    }

    #[test]
    fn p_3_4_2_3_05_an_unknown_sort_is_an_invalid_value() {
        let kind = ResourceKind::User;
        let sort = |text: &str| {
            Query::parse(text)
                .expect("valid")
                .sort(kind, Scope::OneKind)
        };
        assert!(sort("sortBy=foo").is_err());
        assert!(sort("sortBy=userName&sortOrder=up").is_err());
        let sort = sort("sortBy=USERNAME&sortOrder=DESCENDING")
            .expect("ok")
            .expect("some");
        assert!(sort.is_by("userName"));
        assert_eq!(sort.order, SortOrder::Descending);
    }
}
