using System.Text;
using System.Text.Json;
using Muster.Lock.Machine;

namespace Muster.Simulator;

/// <summary>
/// A lock machine's state as text, to be looked at and changed: the form of version 4, which the machine
/// still reads.
/// </summary>
internal static class SnapshotText
{
    public static string Of(LockMachine machine) => Of(machine.TakeSnapshot());

    public static string Of(byte[] snapshot) => JsonSerializer.Serialize(
        SnapshotReader.ShapeOf(snapshot), LockSnapshotJson.Default.LockSnapshot);

    public static byte[] Bytes(string text, byte version = SnapshotReader.NewestTextVersion) =>
        [version, .. Encoding.UTF8.GetBytes(text)];
}
