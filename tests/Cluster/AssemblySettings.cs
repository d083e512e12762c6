using Xunit;

// Runs wait more than they compute: two at a time keep two cores busy, and no more.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
