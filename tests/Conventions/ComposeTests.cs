using System.Text.RegularExpressions;
using Muster.Broker;
using Shouldly;
using Xunit;

namespace Muster.Conventions.Tests;

/// <summary>The local stack's files, as far as they can be judged without Docker.</summary>
public sealed partial class ComposeTests
{
    private static readonly string Compose = Read("compose.yaml");

    /// <summary>
    /// Docker exports the images of one <c>up --build</c> side by side, and fails where two have one name.
    /// </summary>
    [Fact]
    public void One_service_builds_the_image_that_all_use()
    {
        var (shared, services) = (Compose[..Services], Compose[Services..]);

        Build().Count(shared).ShouldBe(0, "what is merged into every service is built by every service");
        Build().Count(services).ShouldBe(1);
    }

    [Fact]
    public void What_makes_the_brokers_users_is_told_all_that_it_asks_for()
    {
        var asked = Asked().Matches(Read("rabbitmq/create-users.sh"))
            .Select(match => match.Groups[1].Value).Distinct().ToList();

        asked.ShouldContain("APP_PASSWORD");
        asked.ShouldContain("MUSTER_CLUSTER");
        asked.ShouldAllBe(name => Compose.Contains($"      {name}: ${{{name}}}\n", StringComparison.Ordinal));
    }

    private static int Services => Compose.IndexOf("\nservices:\n", StringComparison.Ordinal);

    private static string Read(string file) => File.ReadAllText(RepositoryRoot.Combine("compose", file));

    [GeneratedRegex(@"^ +build:", RegexOptions.Multiline)]
    private static partial Regex Build();

    [GeneratedRegex(@"\$\{?([A-Z_]+)")]
    private static partial Regex Asked();
}
