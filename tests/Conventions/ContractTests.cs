using Muster.Broker;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Shouldly;
using Xunit;

namespace Muster.Conventions.Tests;

/// <summary>
/// Names and shapes of the contracts are what others publish and store: each change of them is seen and
/// approved. <c>MUSTER_APPROVE=1</c> writes the file anew, and fails, so that approving is never a passing
/// run.
/// </summary>
public sealed class ContractTests
{
    private const string ApproveVariable = "MUSTER_APPROVE";

    private static readonly string Approved =
        RepositoryRoot.Combine("tests", "Conventions", "approved-contracts.txt");

    [Fact]
    public void Contracts_are_as_approved()
    {
        var described = ContractShapes.Describe(ContractShapes.ContractsOf(typeof(ContractJson).Assembly));
        if (Environment.GetEnvironmentVariable(ApproveVariable) == "1")
        {
            File.WriteAllText(Approved, described);
            Assert.Fail($"{Approved} is written anew: read it, and run again without {ApproveVariable}.");
        }

        Difference(File.ReadAllText(Approved), described).ShouldBeEmpty($"approve with {ApproveVariable}=1");
        described.ShouldBe(File.ReadAllText(Approved));
    }

    [Fact]
    public void Every_contract_is_registered_for_JSON() =>
        Unregistered(ContractShapes.ContractsOf(typeof(ContractJson).Assembly)).ShouldBeEmpty();

    [Fact]
    public void An_unregistered_contract_is_found() =>
        Unregistered([typeof(AcquireLock), typeof(SampleMessage)]).ShouldBe([typeof(SampleMessage)]);

    [Fact]
    public void A_shape_is_written_with_its_types_and_nulls() =>
        ContractShapes.Describe([typeof(SampleKind), typeof(SampleMessage), typeof(Term)]).ShouldBe(
            """
            Muster.Conventions.Tests.SampleKind (enum)
              One = 1
              Two = 2
            Muster.Conventions.Tests.SampleMessage
              Count: Int64?
              Name: String
              Parts: IReadOnlyList<String>?
              Payload: Byte[]
            Muster.Contracts.Term (value, default on the wire: 0)
              Value: Int64

            """);

    [Fact]
    public void A_changed_a_missing_and_a_new_line_are_told_apart() =>
        Difference("A\n  X: Int32\nB\n", "A\n  X: Int64\n")
            .ShouldBe(["gone: A   X: Int32", "gone: B", "new: A   X: Int64"]);

    private static IEnumerable<Type> Unregistered(IEnumerable<Type> types) =>
        types.Where(type => type is { IsClass: true, IsAbstract: false }
            && ContractJson.Default.GetTypeInfo(type) is null);

    private static IEnumerable<string> Difference(string approved, string described)
    {
        var before = Qualified(approved);
        var now = Qualified(described);
        return before.Except(now).Select(line => "gone: " + line)
            .Concat(now.Except(before).Select(line => "new: " + line));
    }

    /// <summary>Each property's line with its type's, so that it can be compared alone.</summary>
    private static List<string> Qualified(string text)
    {
        var lines = new List<string>();
        var owner = "";
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            owner = line.StartsWith(' ') ? owner : line;
            lines.Add(line.StartsWith(' ') ? $"{owner} {line}" : line);
        }
        return lines;
    }
}

public enum SampleKind
{
    One = 1,
    Two = 2,
}

/// <summary>A contract of these tests: one of each kind of property.</summary>
public sealed record SampleMessage
{
    public string Name { get; init; } = "";

    public long? Count { get; init; }

    public IReadOnlyList<string>? Parts { get; init; }

    public byte[] Payload { get; init; } = [];
}
