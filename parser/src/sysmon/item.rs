//! What an event holds, in the order of the bytes: filters by themselves and groups of filters.

use super::{Aggregation, Event, Filter, Wide};
use crate::error::Path;

/// One filter by itself, or an aggregation with its filters.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    event: Event<'a>,
    aggregation: Option<Aggregation<'a>>,
    /// Where its first filter is, which position in the event that one has, and how many there are.
    first: (u64, u32),
    count: u32,
}

impl<'a> Event<'a> {
    /// What it holds, in order.
    pub fn items(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let event = *self;
        let (mut filters, mut aggregations) = (event.filters(), event.aggregations());
        let (mut filter, mut group) = (filters.next(), aggregations.next());
        core::iter::from_fn(move || {
            let first = filter.map_or((u64::MAX, 0), |filter| (filter.offset(), filter.indices().1));
            let aggregation = group.filter(|one| one.offset() < first.0);
            let mut count = 0u32;
            match aggregation {
                Some(own) => {
                    group = aggregations.next();
                    while filter
                        .is_some_and(|one| one.aggregation().is_some_and(|(_, at)| at == own.offset()))
                    {
                        filter = filters.next();
                        count = count.saturating_add(1);
                    }
                }
                None => {
                    filter?;
                    filter = filters.next();
                    count = 1;
                }
            }
            Some(Item { event, aggregation, first, count })
        })
    }
}

impl<'a> Item<'a> {
    /// The rules that it is among.
    pub fn event(&self) -> Event<'a> {
        self.event
    }

    /// The aggregation, unless it is a filter by itself.
    pub fn aggregation(&self) -> Option<Aggregation<'a>> {
        self.aggregation
    }

    /// Its filters in order.
    pub fn filters(&self) -> impl Iterator<Item = Filter<'a>> + use<'a> {
        let (at, index) = self.first;
        self.event.filters_from(at, index).take(self.count as usize)
    }

    /// Its place in the blob.
    pub fn path(&self) -> Path {
        match self.aggregation {
            Some(aggregation) => aggregation.path(),
            None => self.event.path().then_at("filters", self.first.1),
        }
    }

    /// What an analyst is shown when it matches; empty if its rule has no name.
    pub fn name(&self) -> Wide<'a> {
        match self.aggregation {
            Some(aggregation) => aggregation.name(),
            None => self.filters().next().map(|filter| filter.name()).unwrap_or_default(),
        }
    }
}
