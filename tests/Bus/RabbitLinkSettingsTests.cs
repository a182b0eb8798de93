using System.Net.Security;
using Shouldly;

namespace Muster.Bus.Tests;

public sealed class RabbitLinkSettingsTests
{
    /// <summary>The broker's client, told of amqps by the address alone, takes one of any name.</summary>
    [Fact]
    public void Over_amqps_nothing_about_the_brokers_certificate_may_be_wrong()
    {
        var ssl = new RabbitLinkSettings { Broker = new Uri("amqps://u:p@broker/") }.CreateFactory().Ssl;

        ssl.Enabled.ShouldBeTrue();
        ssl.ServerName.ShouldBe("broker");
        ssl.AcceptablePolicyErrors.ShouldBe(SslPolicyErrors.None);
    }
}
