using Xunit;

// Most of these tests wait for a minute of scraping, a lease that ends, a service that comes back: one more than there are cores keeps the cores busy.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
