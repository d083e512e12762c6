using System.Text;
using System.Text.Json.Nodes;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog;
using Testing.Disk;
using Xunit;

namespace Replication.Tests.PartitionLog;

/// <summary>What logs leave behind for earlier versions, and what they make of what later ones left.</summary>
public sealed class VersionTests : IDisposable
{
    private const string Other = "0000000000000000000000000000beef";

    private readonly LogFixture _node = new(7);

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task AProcessAloneLeavesNothing_ThatVersionsWithoutNotesCouldNotRead()
    {
        for (var life = 0; life < 4; life++)
        {
            _node.Start();
            await _node.OpenAsync(1);
            for (var i = 0; i < 30; i++)
            {
                await WriteAsync($"{life}-{i} {new string('x', 200)}");
                if (i == 20)
                {
                    _node.OwnerOf(1).Save(_node.Disk, _node.Log(1));
                }
            }

            Assert.DoesNotContain(Kinds(), static kind => kind.IsNote());
            Assert.Null(EarlierVersion.Refusal(_node.Disk, _node.Logs.Journal, new PartitionId(1)));
            _node.Logs.Dispose();
        }

        Assert.Equal(120, _node.OwnerOf(1).Applied.Count);
    }

    [Fact]
    public async Task WhatAFullDiskLeaves_IsBehindTheNextCheckpoint()
    {
        _node.Start();
        await _node.OpenAsync(1);
        await WriteAsync("kept");
        _node.Disk.Fault = static (operation, path) =>
            operation == DiskOperation.Append && path.StartsWith(LogFixture.JournalDirectory, StringComparison.Ordinal) ? new DiskFullException("full", null) : null;
        await Assert.ThrowsAnyAsync<IOException>(() => WriteAsync("lost"));
        _node.Disk.Fault = null;
        await _node.OpenAsync(1);
        Assert.Contains(RecordKind.CutBack, Kinds());
        Assert.DoesNotContain(RecordKind.TermEntered, Kinds());
        Assert.NotNull(EarlierVersion.Refusal(_node.Disk, _node.Logs.Journal, new PartitionId(1)));

        _node.OwnerOf(1).Save(_node.Disk, _node.Log(1));

        Assert.Null(EarlierVersion.Refusal(_node.Disk, _node.Logs.Journal, new PartitionId(1)));
    }

    [Fact]
    public async Task NotesTheTerm_WhereTheTableListsAnotherReplica()
    {
        await StartWithAsync(static entry => entry["learners"] = new JsonArray(new JsonObject { ["node"] = Other, ["incarnation"] = Other }));
        await _node.OpenAsync(1);

        Assert.Contains(RecordKind.TermEntered, Kinds());
    }

    [Fact]
    public async Task ForgetsNotesOfTerms_OnceItIsTheOnlyReplicaAgain()
    {
        await NotesTheTerm_WhereTheTableListsAnotherReplica();
        await WriteAsync("with another");
        _node.Logs.Dispose();
        await ChangeAsync(static entry => entry["learners"] = new JsonArray());
        _node.Start();
        await _node.OpenAsync(1);
        for (var i = 0; i < 60; i++)
        {
            await WriteAsync($"{i} {new string('x', 200)}");
        }

        _node.OwnerOf(1).Save(_node.Disk, _node.Log(1));
        await WriteAsync("after the checkpoint");

        // The segment with the note has gone, although the note was not written again.
        Assert.DoesNotContain(RecordKind.TermEntered, Kinds());
        Assert.Null(EarlierVersion.Refusal(_node.Disk, _node.Logs.Journal, new PartitionId(1)));
        _node.Logs.Dispose();
        _node.Start();
        await _node.OpenAsync(1);
        Assert.Equal(62, _node.OwnerOf(1).Applied.Count);
    }

    [Fact]
    public async Task KeepsWhatALaterVersionWroteIntoTheEntry()
    {
        await StartWithAsync(static entry => (entry["witness"], entry["inSync"]![0]!["weight"]) = (7, 8));
        await _node.OpenAsync(1);

        var entry = await EntryAsync();
        Assert.Equal((7, 8, 3L), ((int)entry["witness"]!, (int)entry["inSync"]![0]!["weight"]!, (long)entry["term"]!));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(75)]
    [InlineData(100)]
    public async Task RefusesALog_ThatALaterVersionHasWrittenTo_AndKeepsIt(int kind)
    {
        await LeaveAsync((RecordKind)kind);

        // Whether or not others hold the partition: begun anew it would be lost, and read wrongly again.
        foreach (var hasOthers in new[] { false, true })
        {
            if (hasOthers)
            {
                await ChangeAsync(static entry => entry["inSync"]!.AsArray().Add(new JsonObject { ["node"] = Other, ["incarnation"] = Other }));
            }

            _node.Start();
            Assert.Contains($"kind {kind}, which this program does not know: a later version", Assert.Single(_node.Recovered).Refusal, StringComparison.Ordinal);
            await Assert.ThrowsAsync<PartitionRefusedException>(() => _node.OpenAsync(1));
            Assert.Empty(_node.OwnerOf(1).Applied);
            Assert.Contains((RecordKind)kind, Kinds());
            _node.Logs.Dispose();
        }

        Assert.Contains($"kind {kind}", Assert.Throws<LogCorruptException>(_node.Salvage).Message, StringComparison.Ordinal);
        _node.Start();
        Assert.Contains((RecordKind)kind, Kinds());
    }

    [Fact]
    public async Task PassesOverHintsOfLaterVersions()
    {
        await LeaveAsync((RecordKind)85, seq: 1000);
        _node.Start();
        await _node.OpenAsync(1);
        await WriteAsync("after");
        Assert.Equal(["before", "after"], _node.OwnerOf(1).Applied);
        _node.Logs.Dispose();

        _node.Salvage();
        _node.Start();
        await _node.OpenAsync(1);
        Assert.Equal(["before", "after"], _node.OwnerOf(1).Applied);
    }

    [Fact]
    public async Task WritesNoKind_BeforeItsVersionIsInEffect()
    {
        _node.Start();
        await _node.OpenAsync(1);
        var end = _node.Log(1).End;

        Assert.Throws<InvalidOperationException>(() => _node.Log(1).Append((RecordKind)9, "x"u8));
        _node.Protocol = 0;
        Assert.Throws<InvalidOperationException>(() => _node.Log(1).Append(RecordKind.Samples, "x"u8));
        _node.Protocol = 1;
        await WriteAsync("x");

        Assert.Equal(end + 1, _node.Log(1).End);
    }

    private Task<long> WriteAsync(string text) => LogFixture.WriteAsync(_node.Log(1), _node.OwnerOf(1), text);

    /// <summary>A log that ends with a record of a kind, at the next seq unless another is given.</summary>
    private async Task LeaveAsync(RecordKind kind, long? seq = null)
    {
        _node.Start();
        await _node.OpenAsync(1);
        await WriteAsync("before");
        var written = new Written();
        var end = kind.IsNote() ? _node.Log(1).End : _node.Log(1).End + 1;
        _node.Logs.Journal.AppendAdmitted(new PartitionId(1), _node.Log(1).Term, seq ?? end, kind, "later"u8, written);
        await written.Done.Task;
        _node.Logs.Dispose();
    }

    /// <summary>A partition whose entry was changed while the process was down.</summary>
    private async Task StartWithAsync(Action<JsonObject> change)
    {
        _node.Start();
        await _node.OpenAsync(1);
        _node.Logs.Dispose();
        await ChangeAsync(change);
        _node.Start();
    }

    private async Task ChangeAsync(Action<JsonObject> change)
    {
        var key = PartitionEntry.KeyOf(new PartitionId(1));
        var document = (await _node.Store().GetAsync(key, default))!;
        var entry = JsonNode.Parse(document.Value.Span)!.AsObject();
        change(entry);
        Assert.NotNull(await _node.Store().PutIfAsync(key, Encoding.UTF8.GetBytes(entry.ToJsonString()), document.Revision, default));
    }

    private async Task<JsonObject> EntryAsync() => JsonNode.Parse((await _node.Store().GetAsync(PartitionEntry.KeyOf(new PartitionId(1)), default))!.Value.Span)!.AsObject();

    private List<RecordKind> Kinds()
    {
        var kinds = new List<RecordKind>();
        using var reader = _node.Logs.Journal.OpenReader();
        while (reader.Read())
        {
            kinds.Add(reader.Kind);
        }

        return kinds;
    }

    private sealed class Written : IJournalCompletion
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Completed(PartitionId partition, long term, long seq, JournalPosition end, Exception? error) => Done.TrySetResult();
    }
}
