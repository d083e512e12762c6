using System.Text;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Simulation.World;

namespace Deucalion.Simulation;

/// <summary>The last happenings of a world, in words. Only made when a seed that failed is run again.</summary>
internal sealed class Trace(int length)
{
    private readonly Queue<string> _lines = new();

    public void Event(long now, in SimEvent happening) =>
        Note(now, $"n{happening.Node + 1} <- {happening.Kind} {(happening.From == 0 && happening.Number == 0 ? string.Empty : $"({happening.From}, {happening.Number}) ")}{Describe(happening.Payload)}");

    public void Effect(long now, int node, ReplicaEffect effect) => Note(now, $"n{node + 1} -> {Describe(effect)}");

    public void Note(long now, string text)
    {
        if (_lines.Count == length)
        {
            _lines.Dequeue();
        }

        _lines.Enqueue($"{now,7} {text}");
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var line in _lines)
        {
            text.AppendLine(line);
        }

        return text.ToString();
    }

    private static string Describe(object? thing) => thing switch
    {
        null => string.Empty,
        AppendRecords append => $"AppendRecords term {append.Term} behind {append.Previous.Term},{append.Previous.Seq}: {append.Records.Length}, commit {append.CommitIndex}",
        Promise promise => $"Promise term {promise.Term} of {promise.Incarnation} log {promise.Log.Base.Seq}..{promise.Log.End.Term},{promise.Log.End.Seq}",
        AppendMismatch mismatch => $"AppendMismatch term {mismatch.Term} log {mismatch.Log.Base.Seq}..{mismatch.Log.End.Term},{mismatch.Log.End.Seq}",
        AppendToJournal append => $"append {append.Record.Point.Term},{append.Record.Point.Seq} {append.Record.Kind}",
        Send send => $"{send.To}: {Describe(send.Message)}",
        SendRecords send => $"{send.To}: records {send.First}..{send.Last} behind {send.Previous.Term},{send.Previous.Seq} term {send.Term}",
        CasEntry cas => $"cas v{cas.ExpectedVersion}: {cas.Proposed}",
        _ => thing.ToString()!,
    };
}
