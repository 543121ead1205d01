import Glibc
import Rotation
import Testing

@testable import SecretsDirectory

@Suite struct PassingFailureTests {
    @Test(arguments: [ENOSPC, EDQUOT, EIO, EMFILE, ENFILE, ENOMEM])
    func whatMayPass(_ code: Int32) {
        #expect(Failure.system(SystemError(code), "/p", "could not be created").mayPass)
    }

    @Test(arguments: [EACCES, EPERM, EROFS, ENOTDIR, ELOOP, EEXIST])
    func whatStays(_ code: Int32) {
        #expect(!Failure.system(SystemError(code), "/p", "could not be created").mayPass)
    }

    @Test func whatIsNoErrorOfTheSystemStays() {
        let text = "\(SystemError(ENOSPC)): mode 0777 lets others write; run: chmod o-w /p"
        #expect(!Failure(.publishFailed, text).mayPass)
    }

    @Test func theTableOfTheSystemIsNotTheUnits() {
        #expect(Failure.system(SystemError(ENFILE), "/p", "u").detail.hasSuffix("raise sysctl fs.file-max"))
        #expect(Failure.system(SystemError(EMFILE), "/p", "u").detail.hasSuffix("raise LimitNOFILE= of the unit"))
    }
}
