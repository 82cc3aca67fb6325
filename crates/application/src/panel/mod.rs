//! What people do in the panel: sign in, manage members, teams and provisioning.
