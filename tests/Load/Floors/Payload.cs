namespace Muster.Load.Floors;

/// <summary>What is proposed, echoed and committed: as much everywhere.</summary>
internal static class Payload
{
    public const int Bytes = 256;
}
