using Deucalion.Node.Hosting;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Node.Tests.Hosting;

public sealed class ShiftedClockTests
{
    [Fact]
    public async Task IsOffByWhatTheFileSays_AndRightWithoutOne()
    {
        using var directory = new TemporaryDirectory();
        var clock = new ShiftedClock(directory.Child("clock"));
        Assert.InRange(clock.GetUtcNow() - DateTimeOffset.UtcNow, TimeSpan.FromSeconds(-10), TimeSpan.FromSeconds(10));
        await File.WriteAllTextAsync(directory.Child("clock"), "-3600000", TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => Task.FromResult(clock.GetUtcNow() < DateTimeOffset.UtcNow - TimeSpan.FromMinutes(59)), TimeSpan.FromSeconds(10), static () => "the offset is read again");
        Assert.InRange(clock.GetUtcNow() - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(-61), TimeSpan.FromMinutes(-59));
    }

    [Fact]
    public async Task KeepsTimestamps_WhateverTheFileSays()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.Child("clock"), "3600000", TestContext.Current.CancellationToken);
        var clock = new ShiftedClock(directory.Child("clock"));
        Assert.True(clock.GetUtcNow() > DateTimeOffset.UtcNow + TimeSpan.FromMinutes(59));
        Assert.InRange(clock.GetElapsedTime(TimeProvider.System.GetTimestamp()), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void IsTheSystemsClock_WhenTheEnvironmentNamesNoFile() => Assert.Same(TimeProvider.System, ShiftedClock.OrSystem());
}
