//! Options that state what `bench` cannot measure: the network, the hit rate of the cache, the price of a minute.

use bench_record::Assumptions;

use crate::scenario::units;

#[derive(Debug, Default, clap::Args)]
#[group(skip)]
#[command(next_help_heading = "Economics (stated by you, not measured)")]
pub(super) struct EconomicsArgs {
    /// Network between runner and cache storage, such as 91MB/s; added to save and restore, which are
    /// measured on a local disk
    #[arg(long, value_name = "SIZE/s", value_parser = rate)]
    transfer_rate: Option<f64>,
    /// Share of jobs that find their cache, such as 0.8 or 80%
    #[arg(long, value_name = "SHARE", value_parser = share)]
    hit_rate: Option<f64>,
    /// Jobs per month
    #[arg(long, value_name = "JOBS", requires = "hit_rate", value_parser = clap::value_parser!(u32).range(1..))]
    jobs_per_month: Option<u32>,
    /// Price of a minute, in any currency
    #[arg(long, value_name = "AMOUNT", requires = "jobs_per_month", value_parser = amount)]
    price: Option<f64>,
}

impl EconomicsArgs {
    pub(super) fn assumptions(&self) -> Assumptions {
        Assumptions {
            transfer_bytes_per_s: self.transfer_rate,
            hit_rate: self.hit_rate,
            jobs_per_month: self.jobs_per_month.map(f64::from),
            price_per_minute: self.price,
        }
    }
}

fn rate(text: &str) -> Result<f64, String> {
    text.trim()
        .strip_suffix("/s")
        .and_then(units::size)
        .filter(|bytes| *bytes > 0)
        .map(|bytes| bytes as f64)
        .ok_or_else(|| "expected more than 0 bytes per second, such as `91MB/s`".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    units::percent(text)
        .or_else(|| text.trim().parse().ok())
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "expected a share from 0 to 1, such as `0.8` or `80%`".to_owned())
}

fn amount(text: &str) -> Result<f64, String> {
    text.trim()
        .parse()
        .ok()
        .filter(|amount: &f64| amount.is_finite() && *amount >= 0.0)
        .ok_or_else(|| "expected an amount of 0 or more, such as `0.008`".to_owned())
}
