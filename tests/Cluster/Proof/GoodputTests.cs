using Deucalion.Cluster.Load;
using Xunit;

namespace Deucalion.Cluster.Proof;

/// <summary>Times read out of journals made by hand: two senders, one sample each second.</summary>
public sealed class GoodputTests
{
    private static readonly LoadOptions Options = new() { Senders = 2, SeriesPerSender = 1, Interval = TimeSpan.FromSeconds(1) };

    [Fact]
    public void CountsOnlyWhatWasSentAfterTheFault_WhenWritesResume()
    {
        Delivery[] journal = [Of(0, 9, 11), Of(0, 12, 13), Of(1, 9.9, 14)];
        Assert.Null(Goodput.ResumedAt(journal, 2, Seconds(10)));
        Assert.Equal(Seconds(15), Goodput.ResumedAt([.. journal, Of(1, 14, 15), Of(1, 15, 16)], 2, Seconds(10)));
    }

    [Fact]
    public void WaitsForTheSlowestSender_WhenGoodputReturns()
    {
        // Sender 1 pauses from second 10 to 20 and then catches up.
        var journal = Enumerable.Range(0, 60).Select(static s => Of(0, s, s))
            .Concat(Enumerable.Range(0, 60).Select(static s => Of(1, s, s is > 10 and < 20 ? 20 : s))).ToList();
        var window = Seconds(5);
        Assert.Null(Goodput.ReturnedAt(journal, Options, 0.9, window, Seconds(10), Seconds(24)));
        Assert.Equal(Seconds(20), Goodput.ReturnedAt(journal, Options, 0.9, window, Seconds(10), Seconds(40)));
        Assert.Equal(Seconds(35), Goodput.ReturnedAt(journal, Options, 0.9, window, Seconds(30), Seconds(50)));
        Assert.Null(Goodput.ReturnedAt([.. journal.Where(static d => d.Sender == 0)], Options, 0.9, window, Seconds(30), Seconds(50)));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static Delivery Of(int sender, double sent, double acknowledged) => new(sender, 0, 1, 1, Seconds(sent), Seconds(acknowledged), new Uri("http://127.0.0.1"), 1);
}
