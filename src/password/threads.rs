//! The threads that hash. They run when a core has nothing else to do, so that a storm of sign-ins slows no token down; on a machine
//! that is never idle one more thread takes whoever has waited too long.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use argon2::Block;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use tokio::{sync::oneshot, time::timeout};

use super::HashError;

/// What Argon2 fills, handed from one password to the next: to be given 19 MiB anew, and have them cleared, costs a twentieth of a
/// hash.
pub(super) type Memory = Vec<Block>;

/// Computes and answers, unless that was done, or nobody waits for it any more.
type Job = Arc<dyn Fn(&mut Memory) + Send + Sync>;

/// How long a thread keeps its memory for another password.
const LULL: Duration = Duration::from_secs(1);
/// How long somebody waits for a core to become idle.
const PATIENCE: Duration = Duration::from_secs(1);

/// The queues before the threads. Dropped, they end them.
#[derive(Clone)]
pub(super) struct Threads {
    patient: Sender<Job>,
    waiting: Receiver<Job>,
    hurried: Sender<Job>,
}

impl Threads {
    /// Starts `count` threads for when a core is idle and one for when none is, each kind with room for `queue` jobs before it.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub(super) fn start(count: usize, queue: usize) -> std::io::Result<Self> {
        let (patient, waiting) = bounded(queue);
        for _ in 0..count {
            spawn(waiting.clone(), priority::when_idle)?;
        }
        let (hurried, too_long) = bounded(queue);
        spawn(too_long, priority::a_tenth)?;
        Ok(Self { patient, waiting, hurried })
    }

    /// What `work` returns. It is done once, or twice if a thread that has begun it is kept from a core for too long; not at all
    /// if the caller has gone away before.
    ///
    /// # Errors
    /// [`HashError`].
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, HashError>
    where
        T: Send + 'static,
        F: Fn(&mut Memory) -> T + Send + Sync + 'static,
    {
        let (sender, mut answer) = oneshot::channel();
        let sender = Mutex::new(Some(sender));
        let job: Job = Arc::new(move |memory| {
            let sender = || sender.lock().unwrap_or_else(PoisonError::into_inner);
            if sender().as_ref().is_some_and(|sender| !sender.is_closed()) {
                let result = work(memory);
                if let Some(sender) = sender().take() {
                    let _ = sender.send(result);
                }
            }
        });
        self.patient.try_send(Arc::clone(&job)).map_err(|error| match error {
            TrySendError::Full(_) => HashError::Busy,
            TrySendError::Disconnected(_) => HashError::Failed,
        })?;
        if let Ok(answer) = timeout(PATIENCE, &mut answer).await {
            return answer.map_err(|_| HashError::Failed);
        }
        let waiting = self.waiting.clone();
        let hurried = move |memory: &mut Memory| {
            // No core is idle to take its place out of the other queue, or that of somebody as old.
            let oldest = waiting.try_recv();
            job(memory);
            if let Ok(oldest) = oldest {
                oldest(memory);
            }
        };
        if let Err(TrySendError::Disconnected(_)) = self.hurried.try_send(Arc::new(hurried)) {
            return Err(HashError::Failed);
        }
        answer.await.map_err(|_| HashError::Failed)
    }
}

fn spawn(waiting: Receiver<Job>, lower_priority: fn()) -> std::io::Result<()> {
    let life = move || {
        lower_priority();
        while let Ok(first) = waiting.recv() {
            let mut memory = Memory::new();
            first(&mut memory);
            while let Ok(next) = waiting.recv_timeout(LULL) {
                next(&mut memory);
            }
        }
    };
    thread::Builder::new().name("password-hash".to_owned()).spawn(life).map(drop)
}

/// What a thread weighs to the scheduler. Only Linux tells the threads of a process apart.
#[cfg(target_os = "linux")]
mod priority {
    use thread_priority::{
        NormalThreadSchedulePolicy::Idle, ThreadPriority, ThreadSchedulePolicy::Normal, set_thread_priority_and_policy,
        thread_native_id,
    };

    /// The thread runs when a core has nothing else to do, and stops the moment it has.
    pub(super) fn when_idle() {
        if let Err(error) = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, Normal(Idle)) {
            tracing::warn!(?error, "password hashing runs at normal priority");
        }
    }

    /// The thread gets a tenth of what another one gets.
    pub(super) fn a_tenth() {
        if let Err(error) = rustix::process::setpriority_process(None, 10) {
            tracing::warn!(%error, "password hashing runs at normal priority");
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod priority {
    pub(super) fn when_idle() {}

    pub(super) fn a_tenth() {}
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_too_long_is_answered_by_another_thread() {
        let threads = Threads::start(1, 1).expect("threads");
        let (begun, held) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let runs = AtomicUsize::new(0);
        let work = {
            let (begun, held) = (Arc::clone(&begun), Arc::clone(&held));
            // The patient thread stands still in here, the hurried one does not.
            move |_: &mut Memory| {
                if runs.fetch_add(1, Ordering::SeqCst) == 0 {
                    begun.wait();
                    held.wait();
                }
                7
            }
        };
        let first = tokio::spawn({
            let threads = threads.clone();
            async move { threads.run(work).await }
        });
        tokio::task::yield_now().await;
        begun.wait();
        assert_eq!(first.await.expect("no panic"), Ok(7), "of one that was begun");
        for _ in 0..3 {
            assert_eq!(threads.run(|_| 8).await, Ok(8), "of one that waits behind it, and keeps no place there");
        }
        held.wait();
        assert_eq!(threads.run(|_| 9).await, Ok(9));
    }

    #[tokio::test]
    async fn a_full_queue_is_said_at_once() {
        let threads = Threads::start(1, 1).expect("threads");
        let (begun, held) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let runs = Arc::new(AtomicUsize::new(0));
        let hash = |number: u8| {
            let (threads, runs) = (threads.clone(), Arc::clone(&runs));
            let (begun, held) = (Arc::clone(&begun), Arc::clone(&held));
            let work = move |_: &mut Memory| {
                if runs.fetch_add(1, Ordering::SeqCst) == 0 {
                    begun.wait();
                    held.wait();
                }
                number
            };
            async move { threads.run(work).await }
        };
        let first = tokio::spawn(hash(1));
        tokio::task::yield_now().await;
        begun.wait();
        let second = tokio::spawn(hash(2));
        tokio::task::yield_now().await;
        assert_eq!(hash(3).await, Err(HashError::Busy));
        held.wait();
        assert_eq!((first.await.expect("no panic"), second.await.expect("no panic")), (Ok(1), Ok(2)));
    }
}
