//! SCIM 2.0 as the RFCs define it: schemas, filters, PATCH, messages, projection.
