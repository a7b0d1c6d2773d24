//! The hashing threads. They use idle time of the cores, so that many sign-ins do not slow down
//! token requests. If no core is idle, and so no hash is completed, an additional thread takes
//! over.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use argon2::Block;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use rustix::time::{ClockId, clock_gettime};
use tokio::{sync::oneshot, time::timeout};

use super::HashError;

/// The memory of Argon2, reused for the next password. Allocating and clearing 19 MiB would take a
/// twentieth of a hash.
pub(super) type Memory = Vec<Block>;

/// Computes a hash and sends it, unless this was already done or the caller is gone.
type Job = Arc<dyn Fn(&mut Memory) + Send + Sync>;

/// How long a thread keeps its memory for another password.
const LULL: Duration = Duration::from_secs(1);
/// The assumed CPU time of a hash, in microseconds, until one has been measured.
const HASH_MICROS: u64 = 20_000;
/// Bounds of the measured CPU time. A job whose caller is gone computes no hash.
const HASH_BOUNDS: std::ops::RangeInclusive<u64> = 2_000..=200_000;

/// The queues of the threads. Dropping them stops the threads.
#[derive(Clone)]
pub(super) struct Threads {
    patient: Sender<Job>,
    waiting: Receiver<Job>,
    hurried: Sender<Job>,
    progress: Arc<Progress>,
}

/// What the threads have done, which shows whether they get a core.
struct Progress {
    completed: AtomicU64,
    hash_micros: AtomicU64,
}

impl Progress {
    fn run(&self, job: &Job, memory: &mut Memory) {
        let before = cpu_micros();
        job(memory);
        let spent = cpu_micros().saturating_sub(before);
        if HASH_BOUNDS.contains(&spent) {
            self.hash_micros.store(spent, Ordering::Relaxed);
        }
        self.completed.fetch_add(1, Ordering::Relaxed);
    }

    /// In this time, a thread with a core completes at least one hash.
    fn patience(&self) -> Duration {
        Duration::from_micros(self.hash_micros.load(Ordering::Relaxed) * 3 / 2)
    }

    fn completed(&self) -> u64 {
        self.completed.load(Ordering::Relaxed)
    }
}

/// The CPU time of this thread.
fn cpu_micros() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec.unsigned_abs() * 1_000_000 + time.tv_nsec.unsigned_abs() / 1000
}

impl Threads {
    /// Starts `count` threads for idle time and one for overdue jobs. Each kind has a queue of
    /// `queue` jobs.
    ///
    /// # Errors
    /// An error if a thread cannot be started.
    pub(super) fn start(count: usize, queue: usize) -> std::io::Result<Self> {
        let progress = Arc::new(Progress { completed: AtomicU64::new(0), hash_micros: AtomicU64::new(HASH_MICROS) });
        let (patient, waiting) = bounded(queue);
        for _ in 0..count {
            spawn(waiting.clone(), Arc::clone(&progress), priority::when_idle)?;
        }
        let (hurried, too_long) = bounded(queue);
        spawn(too_long, Arc::clone(&progress), priority::below_requests)?;
        Ok(Self { patient, waiting, hurried, progress })
    }

    /// The number of jobs that wait for a thread.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether no further job is accepted.
    pub(super) fn are_full(&self) -> bool {
        self.patient.is_full()
    }

    /// Runs `work` and returns its result. It may run twice, if the first thread gets no core for
    /// too long, and not at all if the caller is gone.
    ///
    /// # Errors
    /// [`HashError`] with the reason.
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
        let mut completed = self.progress.completed();
        loop {
            if let Ok(answer) = timeout(self.progress.patience(), &mut answer).await {
                return answer.map_err(|_| HashError::Failed);
            }
            // As long as other jobs are completed, this one only waits for its turn.
            let before = std::mem::replace(&mut completed, self.progress.completed());
            if before == completed {
                break;
            }
        }
        let waiting = self.waiting.clone();
        let hurried = move |memory: &mut Memory| {
            // This job still has a slot in the idle queue. Removing one entry prevents that queue
            // from filling up with finished jobs.
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

fn spawn(waiting: Receiver<Job>, progress: Arc<Progress>, lower_priority: fn()) -> std::io::Result<()> {
    let life = move || {
        lower_priority();
        while let Ok(first) = waiting.recv() {
            let mut memory = Memory::new();
            progress.run(&first, &mut memory);
            while let Ok(next) = waiting.recv_timeout(LULL) {
                progress.run(&next, &mut memory);
            }
        }
    };
    thread::Builder::new().name("password-hash".to_owned()).spawn(life).map(drop)
}

/// The scheduling priority of a thread. Only Linux has priorities per thread.
#[cfg(target_os = "linux")]
mod priority {
    use thread_priority::{
        NormalThreadSchedulePolicy::Idle, ThreadPriority, ThreadSchedulePolicy::Normal, set_thread_priority_and_policy,
        thread_native_id,
    };

    /// Runs the thread only while a core is otherwise idle.
    pub(super) fn when_idle() {
        if let Err(error) = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, Normal(Idle)) {
            tracing::warn!(?error, "password hashing runs at normal priority");
        }
    }

    /// Gives the thread two thirds of the share of a normal one.
    pub(super) fn below_requests() {
        if let Err(error) = rustix::process::setpriority_process(None, 2) {
            tracing::warn!(%error, "password hashing runs at normal priority");
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod priority {
    pub(super) fn when_idle() {}

    pub(super) fn below_requests() {}
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn overdue_job_is_run_by_another_thread() {
        let threads = Threads::start(1, 1).expect("threads");
        let (begun, held) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let runs = AtomicUsize::new(0);
        let work = {
            let (begun, held) = (Arc::clone(&begun), Arc::clone(&held));
            // The idle thread blocks here, the thread for overdue jobs does not.
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
    async fn full_queue_is_reported_at_once() {
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
