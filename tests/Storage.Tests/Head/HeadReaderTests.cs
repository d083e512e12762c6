using Deucalion.Common.Labels;
using Xunit;

namespace Deucalion.Storage.Tests.Head;

/// <summary>What a reader gets that has found its chunks when the writer takes them away.</summary>
public sealed class HeadReaderTests : IDisposable
{
    private const long Start = 1_700_006_400_000;
    private static readonly Labels A = Labels.Of(("__name__", "up"), ("job", "a"));
    private readonly HeadHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void CopiesTheOldChunk_WhenItIsWrittenAnewMeanwhile()
    {
        _harness.Write((A, Start, 1));
        _harness.Write((A, Start - 10, 2));
        Once(() =>
        {
            for (var i = 0; i < 200; i++)
            {
                _harness.Stage(Start + 1, (A, Start - 11 - i, i), (A, Start + 1 + i, i));
                _harness.CommitAll();
            }
        });

        Assert.Equal([Start - 10, Start], _harness.Read([], 0, long.MaxValue)[A].Keys);
        Assert.Equal(402, _harness.Read([], 0, long.MaxValue)[A].Count);
    }

    [Fact]
    public void CopiesSeriesAndLabels_WhenTheyAreDroppedMeanwhile()
    {
        _harness.Write((A, Start, 1));
        Once(() =>
        {
            DropAll();
            for (var i = 0; i < 50; i++)
            {
                // Takes memory, but not the ref, for which the writer would wait.
                _harness.Resources.Symbols.Intern(BitConverter.GetBytes(i));
            }
        });

        Assert.Equal([Start], _harness.Read([], 0, long.MaxValue)[A].Keys);
        Assert.Empty(_harness.Read([], 0, long.MaxValue));
    }

    [Fact]
    public async Task HoldsTheRefBack_UntilTheReaderHasLeft()
    {
        _harness.Write((A, Start, 1));
        var writing = Task.CompletedTask;
        Once(() =>
        {
            DropAll();
            writing = Task.Run(() => _harness.Write((Labels.Of(("__name__", "other")), Start, 1)), TestContext.Current.CancellationToken);
            Assert.False(writing.Wait(50, TestContext.Current.CancellationToken), "the ref was reused under a reader");
        });

        Assert.Equal([A], _harness.Read([], 0, long.MaxValue).Keys);
        await writing;
        Assert.Equal(["other"], _harness.Read([], 0, long.MaxValue).Keys.Select(l => l.Get("__name__")));
    }

    private void DropAll()
    {
        _harness.CutAll();
        _harness.Head.StageTruncate(Assert.Single(_harness.Head.SealedWindows()).Generation, "U", Start, _harness);
        _harness.CommitAll();
    }

    private void Once(Action action)
    {
        _harness.Head.State.ReaderPause = () =>
        {
            _harness.Head.State.ReaderPause = null;
            action();
        };
    }
}
