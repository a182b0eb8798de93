using System.Buffers;
using System.Text;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Transport;

/// <summary>
/// <see cref="AppendBatch"/> as <see cref="AppendBatch.BinaryContentType"/>: the form is in
/// contracts/README.md. JSON took most of a heartbeat's time and, with base64, of an entry's.
/// </summary>
internal static class AppendCodec
{
    private const byte Form = 1;
    private const long SuccessFlag = 1;
    private const long AbstainsFlag = 2;

    /// <summary>Of one message without names, strings and payloads.</summary>
    private const int MessageOverhead = 64;

    /// <summary>About what a message takes in a batch.</summary>
    public static long SizeOf(PeerMessage message) => MessageOverhead + (message is AppendEntries request
        ? request.Entries.Sum(entry => (long)entry.Payload.Length + MessageOverhead)
        : 0);

    public static byte[] Write(AppendBatch batch)
    {
        var size = MessageOverhead + batch.Requests.Sum(SizeOf) + batch.Answers.Sum(SizeOf);
        var to = new ArrayBufferWriter<byte>((int)size);
        Put(to, Form);
        Put(to, batch.ClusterId);
        Put(to, batch.From.Value);
        Put(to, batch.To.Value);
        Put(to, batch.DiskId);
        Put(to, batch.LogId);
        Put(to, batch.StartId);
        Put(to, batch.Protocol);
        Put(to, batch.Incarnation);
        Put(to, batch.Answers.Count);
        foreach (var answer in batch.Answers) Put(to, answer);
        Put(to, batch.Requests.Count);
        foreach (var request in batch.Requests) Put(to, request);
        return to.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">Malformed.</exception>
    public static AppendBatch Read(ReadOnlySpan<byte> body)
    {
        var from = new Reader(body);
        if (from.Number() is not Form and var other) throw new InvalidDataException($"Its form is {other}.");
        var batch = new AppendBatch
        {
            ClusterId = from.Text(),
            From = new(from.Text()),
            To = new(from.Text()),
            DiskId = from.Text(),
            LogId = from.Text(),
            StartId = from.Text(),
            Protocol = checked((int)from.Number()),
            Incarnation = from.Text(),
        };
        var answers = new AppendEntriesReply[from.Count()];
        for (var i = 0; i < answers.Length; i++) answers[i] = from.Answer();
        var requests = new AppendEntries[from.Count()];
        for (var i = 0; i < requests.Length; i++) requests[i] = from.Request();
        from.End();
        return batch with { Answers = answers, Requests = requests };
    }

    private static void Put(IBufferWriter<byte> to, AppendEntriesReply answer)
    {
        Put(to, answer.Group);
        Put(to, answer.Term.Value);
        Put(to, answer.RequestId);
        Put(to, (answer.Success ? SuccessFlag : 0) | (answer.Abstains ? AbstainsFlag : 0));
        Put(to, answer.MatchIndex.Value);
        Put(to, answer.ConflictTerm.Value);
        Put(to, answer.ConflictIndex.Value);
    }

    private static void Put(IBufferWriter<byte> to, AppendEntries request)
    {
        Put(to, request.Group);
        Put(to, request.Term.Value);
        Put(to, request.RequestId);
        Put(to, request.PreviousIndex.Value);
        Put(to, request.PreviousTerm.Value);
        Put(to, request.CommitIndex.Value);
        Put(to, request.LogTime);
        Put(to, request.Entries.Count);
        foreach (var entry in request.Entries)
        {
            Put(to, entry.Index.Value);
            Put(to, entry.Term.Value);
            Put(to, entry.LogTime);
            Put(to, (long)entry.Kind);
            Put(to, entry.Payload.Length);
            to.Write(entry.Payload);
        }
    }

    private static void Put(IBufferWriter<byte> to, string? text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text ?? "");
        Put(to, bytes);
        to.Advance(Encoding.UTF8.GetBytes(text ?? "", to.GetSpan(bytes)));
    }

    /// <summary>LEB128 of the 64 bits: seven a byte, the lowest first.</summary>
    private static void Put(IBufferWriter<byte> to, long number)
    {
        var span = to.GetSpan(10);
        var (left, at) = (unchecked((ulong)number), 0);
        for (; left >= 0x80; left >>= 7) span[at++] = (byte)(left | 0x80);
        span[at++] = (byte)left;
        to.Advance(at);
    }

    private ref struct Reader(ReadOnlySpan<byte> body)
    {
        private ReadOnlySpan<byte> _left = body;

        public AppendEntriesReply Answer()
        {
            var answer = new AppendEntriesReply
            {
                Group = Text(),
                Term = new(Number()),
                RequestId = Number(),
            };
            var flags = Number();
            return answer with
            {
                Success = (flags & SuccessFlag) != 0,
                Abstains = (flags & AbstainsFlag) != 0,
                MatchIndex = new(Number()),
                ConflictTerm = new(Number()),
                ConflictIndex = new(Number()),
            };
        }

        public AppendEntries Request()
        {
            var request = new AppendEntries
            {
                Group = Text(),
                Term = new(Number()),
                RequestId = Number(),
                PreviousIndex = new(Number()),
                PreviousTerm = new(Number()),
                CommitIndex = new(Number()),
                LogTime = Number(),
            };
            var entries = new LogEntry[Count()];
            for (var i = 0; i < entries.Length; i++) entries[i] = Entry();
            return request with { Entries = entries };
        }

        public string Text() => Encoding.UTF8.GetString(Bytes());

        public long Number()
        {
            var number = 0UL;
            for (var shift = 0; shift < 64; shift += 7)
            {
                var part = Bytes(1)[0];
                number |= (ulong)(part & 0x7F) << shift;
                if (part < 0x80) return unchecked((long)number);
            }
            throw new InvalidDataException("A number has more than ten bytes.");
        }

        /// <summary>Of what takes a byte at least, so that no body asks for more than its size.</summary>
        public int Count() => Number() is >= 0 and var count && count <= _left.Length
            ? (int)count
            : throw new InvalidDataException("It counts more than it has.");

        public readonly void End()
        {
            if (_left.Length > 0) throw new InvalidDataException($"{_left.Length} bytes follow its end.");
        }

        private LogEntry Entry() => new()
        {
            Index = new(Number()),
            Term = new(Number()),
            LogTime = Number(),
            Kind = Kind(),
            Payload = Bytes().ToArray(),
        };

        private EntryKind Kind() => Number() is var kind && Enum.IsDefined((EntryKind)kind)
            ? (EntryKind)kind
            : throw new InvalidDataException($"An entry has the kind {kind}.");

        private ReadOnlySpan<byte> Bytes() => Bytes(Count());

        private ReadOnlySpan<byte> Bytes(int count)
        {
            if (count > _left.Length) throw new InvalidDataException("It ends too early.");
            var bytes = _left[..count];
            _left = _left[count..];
            return bytes;
        }
    }
}
