using Muster.Broker;
using Xunit;

[assembly: AssemblyFixture(typeof(BrokerFixture))]
[assembly: AssemblyFixture(typeof(RedisFixture))]
