using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Muster.Consensus.Storage;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests.Driver;

public sealed class ChecksumTests
{
    /// <summary>
    /// Files are read by later builds: short rows and long ones have one sum, the documented one.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(900)]
    [InlineData(1001)]
    [InlineData(1002)]
    [InlineData(1003)]
    [InlineData(5000)]
    public void It_is_XXH3_of_the_group_the_numbers_and_the_bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var whole = new XxHash3();
        whole.Append("lock"u8);
        var number = new byte[sizeof(long)];
        foreach (var value in (long[])[7, -2])
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, value);
            whole.Append(number);
        }
        whole.Append(bytes);
        whole.Append(Encoding.UTF8.GetBytes("ab"));
        Checksum.Of("lock", [7, -2], bytes, "ab"u8).ShouldBe(unchecked((long)whole.GetCurrentHashAsUInt64()));
    }
}
