//! Whole files through the importer.

#[cfg(test)]
mod columnar;
#[cfg(test)]
mod corpus;
mod corrections;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod data_sets;
#[cfg(test)]
mod dialects;
#[cfg(test)]
mod events;
#[cfg(test)]
mod invariants;
#[cfg(test)]
mod joins;
#[cfg(test)]
mod json;
#[cfg(test)]
mod languages;
#[cfg(test)]
mod online_retail;
#[cfg(test)]
mod order_amounts;
#[cfg(test)]
mod real_shops;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod sheets;
#[cfg(test)]
mod shops;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod unknown;
#[cfg(test)]
mod workbooks;
#[cfg(test)]
mod zips;
