//! The watchdog of systemd (`WatchdogSec=`), which restarts a process that no longer runs tasks.

use sd_notify::NotifyState;

/// Notifies systemd twice in each period, until aborted. Without a watchdog it ends at once.
pub(super) async fn run() {
    let Some(period) = sd_notify::watchdog_enabled() else { return };
    let mut interval = tokio::time::interval(period / 2);
    loop {
        interval.tick().await;
        if let Err(error) = sd_notify::notify(&[NotifyState::Watchdog]) {
            tracing::warn!(%error, "systemd's watchdog could not be notified");
        }
    }
}
