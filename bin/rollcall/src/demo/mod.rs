//! `rollcall demo`.

use std::process::ExitCode;

use crate::cli::{DemoArguments, SettingArguments};

pub(crate) async fn run(_: SettingArguments, _: DemoArguments) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not yet")
}
