//! Services around the measured phases: starts them, waits until they are ready, stops them.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::runner::{Context, ContextError};
use crate::scenario::{Ready, ReadyCheck, ServiceSpec};
use crate::system::exec::{ExecError, Executor, Invocation, ServiceId};

/// Time between two readiness checks.
const POLL: Duration = Duration::from_millis(20);
/// Time that a service has to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// Services that are running.
#[derive(Debug, Default)]
pub(super) struct Running {
    services: Vec<ServiceId>,
    logs: BTreeMap<String, Vec<PathBuf>>,
}

/// Why the services of a sample are not running.
#[derive(Debug, thiserror::Error)]
pub(super) enum ServiceError {
    /// It did not become ready.
    #[error("service `{name}` {what}{} (hint: its output is in `{log}`)", tail(said))]
    NotReady {
        /// The service.
        name: String,
        /// What happened instead.
        what: String,
        /// The last line it printed.
        said: String,
        /// Where the rest of its output is.
        log: String,
    },
    /// It could not be started or its state could not be read.
    #[error("service `{name}`")]
    Exec {
        /// The service.
        name: String,
        /// Why.
        #[source]
        source: ExecError,
    },
    /// Its fixed port is in use.
    #[error(
        "service `{name}` needs port {port}, which is taken (hint: end what listens there, `ss -ltnp 'sport = :{port}'` names it)"
    )]
    PortTaken {
        /// The service.
        name: String,
        /// Its port.
        port: u16,
    },
    /// A placeholder has no value.
    #[error(transparent)]
    Context(#[from] ContextError),
}

fn tail(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!("; it last said: {said}") }
}

/// Chooses a free loopback port for every name that has none in `kept`.
///
/// # Errors
/// When the system has no free port.
pub(super) fn choose_ports<'a>(
    names: impl IntoIterator<Item = &'a str>,
    kept: &BTreeMap<String, u16>,
) -> std::io::Result<BTreeMap<String, u16>> {
    // All listeners are held until every port is chosen, so that no two names get the same one.
    let mut held = Vec::new();
    let mut ports = BTreeMap::new();
    for name in names {
        let port = if let Some(port) = kept.get(name) {
            *port
        } else {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            let port = listener.local_addr()?.port();
            held.push(listener);
            port
        };
        ports.insert(name.to_owned(), port);
    }
    Ok(ports)
}

impl Running {
    /// Starts `services` in order; each must be ready before the next one starts. After an error, the ones that were
    /// started still have to be stopped.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub(super) fn start(
        &mut self,
        executor: &mut dyn Executor,
        context: &Context,
        services: &[&ServiceSpec],
        logs: &Path,
    ) -> Result<(), ServiceError> {
        for service in services {
            // Another program on the port would answer the readiness check instead of the service.
            if let Some(port) = service.port
                && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err()
            {
                return Err(ServiceError::PortTaken { name: service.name.clone(), port });
            }
            let what = format!("service `{}`", service.name);
            let log = format!("service-{}", service.name);
            let invocation = Invocation {
                env: context.env_with(&what, &service.env)?,
                timeout: None,
                ..context.invocation(context.argv(&what, &service.run)?, logs, &log)
            };
            let id = executor
                .start(&invocation)
                .map_err(|source| ServiceError::Exec { name: service.name.clone(), source })?;
            self.services.push(id);
            let files = vec![invocation.stdout, invocation.stderr];
            if let Some(ready) = &service.ready {
                wait(executor, context, service, id, ready, &files)?;
            }
            self.logs.insert(service.name.clone(), files);
        }
        Ok(())
    }

    /// What a service printed so far.
    pub(super) fn output(&self, name: &str) -> Option<String> {
        let files = self.logs.get(name)?;
        Some(files.iter().map(|file| read_lossy(file)).collect())
    }

    /// Stops all, the last started first.
    ///
    /// # Errors
    /// When one cannot be waited for; the others are still stopped.
    pub(super) fn stop(&mut self, executor: &mut dyn Executor) -> Result<(), ExecError> {
        let mut first_error = Ok(());
        while let Some(service) = self.services.pop() {
            if let Err(error) = executor.stop(service, GRACE) {
                first_error = first_error.and(Err(error));
            }
        }
        first_error
    }
}

fn wait(
    executor: &mut dyn Executor,
    context: &Context,
    service: &ServiceSpec,
    id: ServiceId,
    ready: &Ready,
    logs: &[PathBuf],
) -> Result<(), ServiceError> {
    let name = &service.name;
    let not_ready = |what: String| {
        let said = logs.iter().map(|log| read_lossy(log)).collect::<String>();
        let said = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let log = logs.first().map(|log| log.display().to_string()).unwrap_or_default();
        ServiceError::NotReady { name: name.clone(), what, said: said.to_owned(), log }
    };
    let target = match &ready.check {
        ReadyCheck::Tcp(port) | ReadyCheck::File(port) => context.expand(name, port)?,
        ReadyCheck::Output(_) => String::new(),
    };
    let started = Instant::now();
    loop {
        let ended = executor
            .ended(id)
            .map_err(|source| ServiceError::Exec { name: name.clone(), source })?;
        if let Some(ended) = ended {
            return Err(not_ready(format!("ended before it was ready ({ended:?})")));
        }
        let is_ready = match &ready.check {
            ReadyCheck::Tcp(_) => {
                let port =
                    target.parse().map_err(|_| not_ready(format!("has no port `{target}`")))?;
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
                TcpStream::connect_timeout(&address, POLL).is_ok()
            }
            ReadyCheck::File(_) => Path::new(&target).exists(),
            ReadyCheck::Output(pattern) => {
                logs.iter().any(|log| pattern.is_match(&read_lossy(log)))
            }
        };
        if is_ready {
            return Ok(());
        }
        if executor.interrupted().is_some() {
            return Err(not_ready("was interrupted before it was ready".to_owned()));
        }
        if started.elapsed() >= ready.within {
            return Err(not_ready(format!("was not ready within {:?}", ready.within)));
        }
        executor.pause(POLL);
    }
}

fn read_lossy(path: &Path) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}
