using System.Globalization;

namespace Deucalion.Node.Hosting;

/// <summary>
/// A wall clock that is wrong, for tests of what a node does with one: true time plus the milliseconds that a file holds, read again ten times a
/// second. Timers and timestamps go on undisturbed, as they do when an operator or a time service sets the clock. Thread-safe.
/// </summary>
internal sealed class ShiftedClock(string path) : TimeProvider
{
    private const string Variable = "DEUCALION_TEST_CLOCK_FILE";
    private const long ReadEvery = 100;

    private long _offset;
    private long _readAt = long.MinValue;

    /// <summary>The system's clock, unless the environment names the file.</summary>
    public static TimeProvider OrSystem() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? new ShiftedClock(path) : System;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        var now = Environment.TickCount64;
        if (now >= Volatile.Read(ref _readAt) + ReadEvery)
        {
            Volatile.Write(ref _readAt, now);
            Volatile.Write(ref _offset, Read());
        }

        return base.GetUtcNow() + TimeSpan.FromMilliseconds(Volatile.Read(ref _offset));
    }

    // A file that is not there yet says that the clock is right.
    private long Read()
    {
        try
        {
            return long.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture);
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
