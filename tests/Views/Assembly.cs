using Muster.Broker;
using Xunit;

[assembly: AssemblyFixture(typeof(RedisFixture))]

// One test at a time: they stop the Redis they share and measure times.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
