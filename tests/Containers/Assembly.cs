using Muster.Broker;
using Muster.Containers.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(BrokerFixture))]
[assembly: AssemblyFixture(typeof(SharedCluster))]

// One test at a time: they stop the broker they share, kill processes and measure times.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
