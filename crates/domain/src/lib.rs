//! Members, teams and provisioning rules: pure functions of values.
