using Muster.Broker;
using Xunit;

[assembly: AssemblyFixture(typeof(BrokerFixture))]
[assembly: AssemblyFixture(typeof(RedisFixture))]

// One test at a time: they stop the broker they share, kill processes and measure times.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
