namespace Muster.Load;

/// <summary>Nothing can be measured, for a reason that the message tells to people.</summary>
internal sealed class LoadException(string message, Exception? inner = null) : Exception(message, inner);
