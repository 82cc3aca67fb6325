//! The SCIM endpoints under the Tenant URL.
