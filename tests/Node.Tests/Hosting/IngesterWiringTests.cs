using Deucalion.Common.Limits;
using Deucalion.Node.Configuration;
using Deucalion.Node.Hosting;
using Xunit;

namespace Deucalion.Node.Tests.Hosting;

public sealed class IngesterWiringTests
{
    [Fact]
    public void WritesAndQueriesWaitForFailovers_EquallyLong()
    {
        Assert.Equal((20, 20), Waits(new NodeOptions { CoordinationKind = CoordinationKind.Etcd }));
        Assert.Equal((30, 30), Waits(new NodeOptions { CoordinationKind = CoordinationKind.Bucket }));
        Assert.Equal((7, 7), Waits(new NodeOptions { CoordinationKind = CoordinationKind.Bucket, FailoverWait = TimeSpan.FromSeconds(7) }));
    }

    private static (double Writes, double Queries) Waits(NodeOptions options)
    {
        var settings = IngesterWiring.Settings(options, LimitSet.Same(TenantLimits.Default), isMember: true, "n1");
        return (settings.Router.FailoverWait.TotalSeconds, settings.Reads.Deadline.TotalSeconds);
    }
}
