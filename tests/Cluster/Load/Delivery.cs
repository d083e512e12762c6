namespace Deucalion.Cluster.Load;

/// <summary>A request that was answered with 2xx.</summary>
/// <param name="Sender">Who sent it.</param>
/// <param name="First">Its first step.</param>
/// <param name="End">The step behind its last one.</param>
/// <param name="Samples">Samples in it.</param>
/// <param name="Sent">When the attempt that succeeded began.</param>
/// <param name="Acknowledged">When its answer was there.</param>
/// <param name="Target">Who answered.</param>
/// <param name="Tries">Attempts, this one included.</param>
internal sealed record Delivery(int Sender, long First, long End, int Samples, TimeSpan Sent, TimeSpan Acknowledged, Uri Target, int Tries);

/// <summary>An attempt that was not answered with 2xx.</summary>
/// <param name="Sender">Who sent it.</param>
/// <param name="Time">When that was known.</param>
/// <param name="Target">Where it was sent.</param>
/// <param name="Status">Status of the answer; 0 where there was none.</param>
/// <param name="Reason">Text of the answer, or what went wrong.</param>
internal sealed record Failure(int Sender, TimeSpan Time, Uri Target, int Status, string Reason)
{
    /// <summary>Whether the request was called wrong, which none of them is.</summary>
    public bool IsRefusal => Status is >= 400 and < 500;
}
