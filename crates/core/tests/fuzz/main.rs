//! Fuzz targets: what comes from outside is read or refused, and never makes a function stop.

#[cfg(test)]
mod events;
#[cfg(test)]
mod filters;
#[cfg(test)]
mod ids;
