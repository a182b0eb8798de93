using System.Text.Json;
using Muster.Contracts.Lock;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>
/// A remembered answer in a snapshot: its command, then the answer as a <see cref="PlainReply"/>, or as JSON
/// if it says more than that.
/// </summary>
internal static class AnswerBytes
{
    /// <summary>Before it every answer was JSON, and the group's were in the head.</summary>
    public const byte FirstVersion = 6;

    /// <summary>What an answer takes: a byte for each of its parts.</summary>
    private const int Least = 6;

    public static void Write(StateWriter writer, Genesis? genesis, long key, StoredAnswer stored)
    {
        writer.Number(key);
        writer.Text(stored.CommandId);
        writer.Known(stored.Subject.Kind);
        writer.Known(stored.Subject.Owner);
        writer.Known(stored.Subject.Target);
        if (PlainReply.Of(genesis, stored) is not { } plain)
        {
            writer.Byte((byte)ReplyKind.Json);
            Write(writer, stored.Reply);
            return;
        }
        writer.Byte((byte)plain.Kind);
        foreach (var number in plain.Numbers)
        {
            writer.Number(number);
        }
        foreach (var text in plain.Texts)
        {
            writer.Known(text);
        }
    }

    public static AnswerSnapshot[] ReadAll(ref StateReader reader, Genesis? genesis, byte version)
    {
        var answers = new AnswerSnapshot[reader.Count(Least)];
        for (var at = 0; at < answers.Length; at++)
        {
            answers[at] = version < FirstVersion
                ? new(
                    reader.Number(), reader.Text(), new(reader.Known(), reader.Text(), reader.Text()),
                    ReadJson(ref reader))
                : Read(ref reader, genesis);
        }
        return answers;
    }

    public static void Write(StateWriter writer, LockReply reply) =>
        writer.Part(JsonSerializer.SerializeToUtf8Bytes(reply, LockSnapshotJson.Default.LockReply));

    public static LockReply ReadJson(ref StateReader reader) =>
        JsonSerializer.Deserialize(reader.Part(), LockSnapshotJson.Default.LockReply)
            ?? throw new FormatException("An answer of the lock snapshot is null.");

    private static AnswerSnapshot Read(ref StateReader reader, Genesis? genesis)
    {
        var (key, id) = (reader.Number(), reader.Text());
        var subject = new CommandSubject(reader.Known(), reader.Known(), reader.Known());
        var kind = (ReplyKind)reader.Byte();
        if (kind == ReplyKind.Json)
        {
            return new(key, id, subject, ReadJson(ref reader));
        }
        var (numbers, texts) = PlainReply.SizeOf(kind);
        var plain = new PlainReply(kind, new long[numbers], new string[texts]);
        for (var at = 0; at < numbers; at++)
        {
            plain.Numbers[at] = reader.Number();
        }
        for (var at = 0; at < texts; at++)
        {
            plain.Texts[at] = reader.Known();
        }
        return new(key, id, subject, plain.ReplyTo(
            genesis ?? throw new FormatException("Nothing is answered in a group that is not founded."),
            id, subject));
    }
}
