namespace Deucalion.Cluster.Load;

/// <summary>What was sent and what was acknowledged of one sender at one moment, by steps.</summary>
/// <param name="Sender">Its number.</param>
/// <param name="Sent">Steps below this one were sent, or are being sent.</param>
/// <param name="Settled">Steps below this one were acknowledged, but for those in <paramref name="GivenUp"/>.</param>
/// <param name="GivenUp">Steps that were sent without an acknowledgement ever: they may be stored or not.</param>
internal sealed record LedgerView(int Sender, long Sent, long Settled, IReadOnlySet<long> GivenUp)
{
    public bool IsAcknowledged(long step) => step < Settled && !GivenUp.Contains(step);
}
